#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace engine::base {

/// An optional value that costs one pointer while it is absent; copies are deep. Plans of many
/// tables hold many keys that hardly any table writes.
template <typename T>
class Rare {
 public:
  Rare() = default;
  Rare(std::nullopt_t) {}                                           // NOLINT: as std::optional
  Rare(T value) : value_(std::make_unique<T>(std::move(value))) {}  // NOLINT: as std::optional
  Rare(std::optional<T> value) {                                    // NOLINT: as std::optional
    if (value.has_value()) value_ = std::make_unique<T>(std::move(*value));
  }
  Rare(const Rare& other) : value_(other ? std::make_unique<T>(*other) : nullptr) {}
  Rare(Rare&& other) noexcept = default;
  Rare& operator=(const Rare& other) {
    value_ = other ? std::make_unique<T>(*other) : nullptr;
    return *this;
  }
  Rare& operator=(Rare&& other) noexcept = default;
  ~Rare() = default;

  bool has_value() const { return value_ != nullptr; }
  explicit operator bool() const { return has_value(); }
  /// The value must be there.
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }
  T& value() { return *value_; }
  const T& value() const { return *value_; }
  /// A fresh value, in place of what was there.
  T& emplace() {
    value_ = std::make_unique<T>();
    return *value_;
  }
  void reset() { value_ = nullptr; }
  T value_or(T other) const { return value_ ? *value_ : std::move(other); }
  operator std::optional<T>() const {  // NOLINT: as std::optional
    return value_ ? std::optional<T>(*value_) : std::nullopt;
  }

 private:
  std::unique_ptr<T> value_;
};

/// A list that costs one pointer while it is empty; copies are deep.
template <typename T>
class RareList {
 public:
  RareList() = default;
  RareList(std::vector<T> list) {  // NOLINT: as std::vector
    if (!list.empty()) list_ = std::move(list);
  }

  const std::vector<T>& list() const {
    static const std::vector<T> kNone;
    return list_ ? *list_ : kNone;
  }
  auto begin() const { return list().begin(); }
  auto end() const { return list().end(); }
  std::size_t size() const { return list().size(); }
  bool empty() const { return list().empty(); }
  const T& operator[](std::size_t index) const { return list()[index]; }
  const T& at(std::size_t index) const { return list().at(index); }

  /// To add to, or to change.
  std::vector<T>& make() { return list_ ? *list_ : list_.emplace(); }
  void push_back(T value) { make().push_back(std::move(value)); }

 private:
  Rare<std::vector<T>> list_;
};

}  // namespace engine::base
