#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

namespace concurrency_models {

/// Anonymous memory that processes forked later share with their parent, unlike a vector's.
class SharedMapping {
 public:
  SharedMapping() = default;
  /// Zero-filled. Throws std::system_error if the system has none left.
  explicit SharedMapping(std::size_t bytes);
  ~SharedMapping();
  SharedMapping(SharedMapping&& other) noexcept;
  SharedMapping& operator=(SharedMapping&& other) noexcept;
  SharedMapping(const SharedMapping&) = delete;
  SharedMapping& operator=(const SharedMapping&) = delete;

  [[nodiscard]] void* data() const { return data_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

/// A fixed number of default-made T in a SharedMapping. T holds no pointers of its own and may need
/// no destructor, because a process that is killed runs none.
template <class T>
class SharedArray {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  SharedArray() = default;
  explicit SharedArray(std::size_t size) : mapping_(size * sizeof(T)), size_(size) {
    std::uninitialized_value_construct_n(static_cast<T*>(mapping_.data()), size);
  }
  SharedArray(SharedArray&& other) noexcept
      : mapping_(std::move(other.mapping_)), size_(std::exchange(other.size_, 0)) {}
  SharedArray& operator=(SharedArray&& other) noexcept {
    mapping_ = std::move(other.mapping_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  SharedArray(const SharedArray&) = delete;
  SharedArray& operator=(const SharedArray&) = delete;
  ~SharedArray() = default;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  T& operator[](std::size_t index) { return begin()[index]; }
  const T& operator[](std::size_t index) const { return begin()[index]; }
  [[nodiscard]] T* begin() { return static_cast<T*>(mapping_.data()); }
  [[nodiscard]] T* end() { return begin() + size_; }
  [[nodiscard]] const T* begin() const { return static_cast<const T*>(mapping_.data()); }
  [[nodiscard]] const T* end() const { return begin() + size_; }

 private:
  SharedMapping mapping_;
  std::size_t size_ = 0;
};

}  // namespace concurrency_models
