#pragma once

/// Names of CLI11, whose header takes seconds to compile.
namespace CLI {  // NOLINT(readability-identifier-naming): theirs
class App;
class Option;
}  // namespace CLI
