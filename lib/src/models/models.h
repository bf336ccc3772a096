#pragma once

#include "concurrency_models/execution_model.h"

/// The run functions of the models, one file each. They are listed in table.cpp.
namespace concurrency_models::models {

WorkersUsed sequential(JobRun& jobs, unsigned workers);
WorkersUsed threads(JobRun& jobs, unsigned workers);
WorkersUsed processes(JobRun& jobs, unsigned workers);
WorkersUsed thread_pool(JobRun& jobs, unsigned workers);
WorkersUsed process_pool(JobRun& jobs, unsigned workers);
WorkersUsed async(JobRun& jobs, unsigned workers);
WorkersUsed async_sequential(JobRun& jobs, unsigned workers);
WorkersUsed async_thread_pool(JobRun& jobs, unsigned workers);
WorkersUsed async_process_pool(JobRun& jobs, unsigned workers);

}  // namespace concurrency_models::models
