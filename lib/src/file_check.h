#pragma once

#include <cstdint>
#include <string_view>

#include "concurrency_models/file_read.h"
#include "concurrency_models/origin_protocol.h"

namespace concurrency_models {

/// What has been read of a file so far, and whether it is right.
class FileCheck {
 public:
  explicit FileCheck(const FileRead& file) : file_(file) {}

  /// The next part, empty at the end of the file. True if there is more to read.
  bool take(std::string_view part) {
    if (part.empty()) {
      if (result_.bytes != file_.bytes) fail(Stage::read, Error::wrong_file);
      return false;
    }
    if (!matches_origin_pattern(result_.bytes, part)) {
      fail(Stage::read, Error::wrong_file);
      return false;
    }
    result_.bytes += part.size();
    return true;
  }

  void fail(Stage stage, boost::system::error_code code) {
    result_ = {.bytes = 0, .error = {.stage = stage, .code = code}};
  }

  [[nodiscard]] const FileResult& result() const { return result_; }

 private:
  const FileRead& file_;
  FileResult result_;
};

}  // namespace concurrency_models
