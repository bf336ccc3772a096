#pragma once

#include <iosfwd>
#include <nlohmann/json.hpp>

namespace concurrency_models::bench {

/// A JSON document of Google Benchmark's form, {"context": …, "benchmarks": [rows]}, written row by
/// row.
///
/// Where the stream can be moved in, as in a file, what is written is a complete document after
/// every call. On standard output an interrupt completes it (see InterruptHandler). Bytes that are
/// no UTF-8 are replaced, numbers that are not finite left out.
class JsonDocument {
 public:
  /// Writes the context. `out` must outlive the document.
  JsonDocument(std::ostream& out, const nlohmann::ordered_json& context);

  void append(const nlohmann::ordered_json& row);

  /// Writes the end. Nothing else may be called afterwards.
  void close();

 private:
  void write(std::string text);

  std::ostream& out_;
  bool movable_;
  bool empty_ = true;
};

}  // namespace concurrency_models::bench
