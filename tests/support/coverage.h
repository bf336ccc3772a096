#pragma once

namespace concurrency_models {

/// Whether programs count the lines they run, and so write files of their own when they end: what a
/// test then cannot say about files it leaves out.
#if defined(CONCURRENCY_MODELS_COVERAGE)
inline constexpr bool counts_lines = true;
#else
inline constexpr bool counts_lines = false;
#endif

}  // namespace concurrency_models
