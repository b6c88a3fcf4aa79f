// Shared by the C++ side of the seam: handles to tensors and back, and the one catch-all.
#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/IListRef.h>
#include <ATen/core/IListRef_inl.h>
#include <ATen/core/Tensor.h>
#include <c10/core/Scalar.h>
#include <c10/util/Exception.h>
#include <optional>
#include <string>
#include <vector>

#include "include/nap_core.h"

namespace nap {

std::string &last_error();

/// Runs `body`; any exception becomes status 1 and a message without C++ frames.
template <class Body> int guarded(Body &&body) noexcept {
  try {
    body();
    return 0;
  } catch (const c10::Error &error) {
    last_error() = error.what_without_backtrace();
  } catch (const std::exception &error) {
    last_error() = error.what();
  } catch (...) {
    last_error() = "an unknown C++ exception";
  }
  return 1;
}

inline at::Tensor borrow(nap_tensor handle) {
  if (!handle) return at::Tensor();
  auto *impl = reinterpret_cast<c10::TensorImpl *>(handle);
  return at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::unsafe_reclaim_from_nonowning(impl));
}
/// An operand that must be there: an undefined one, left by a failed operation, is an error of its own.
inline at::Tensor required(nap_tensor handle) {
  TORCH_CHECK(handle, "an operand is undefined, because the operation that was to make it failed");
  return borrow(handle);
}
inline nap_tensor give(at::Tensor tensor) {
  if (!tensor.defined()) return nullptr;
  return reinterpret_cast<nap_tensor>(tensor.unsafeReleaseTensorImpl());
}
void give_list(const std::vector<at::Tensor> &tensors, nap_tensor **out, nap_int *count);

inline std::optional<at::Tensor> optional_tensor(nap_tensor handle) {
  return handle ? std::optional<at::Tensor>(borrow(handle)) : std::nullopt;
}
inline std::vector<at::Tensor> tensors(const nap_tensor *handles, nap_int count) {
  std::vector<at::Tensor> result;
  result.reserve(static_cast<size_t>(count));
  for (nap_int i = 0; i < count; i++) result.push_back(required(handles[i]));
  return result;
}
static_assert(sizeof(nap_int) == sizeof(int64_t));
inline at::IntArrayRef ints(const nap_int *values, nap_int count) {
  return at::IntArrayRef(reinterpret_cast<const int64_t *>(values), static_cast<size_t>(count));
}
inline at::OptionalIntArrayRef optional_ints(const nap_int *values, nap_int count) {
  return count < 0 ? at::OptionalIntArrayRef() : at::OptionalIntArrayRef(ints(values, count));
}
inline at::Scalar scalar(nap_scalar value) {
  if (value.kind == 0) return at::Scalar(value.integer);
  if (value.kind == 2) return at::Scalar(value.integer != 0);
  return at::Scalar(value.real);
}
inline std::optional<at::Scalar> optional_scalar(nap_scalar value) {
  return value.kind < 0 ? std::nullopt : std::optional<at::Scalar>(scalar(value));
}
inline std::optional<int64_t> optional_int(nap_optional_int value) {
  return value.present ? std::optional<int64_t>(value.value) : std::nullopt;
}
inline std::optional<double> optional_double(nap_optional_double value) {
  return value.present ? std::optional<double>(value.value) : std::nullopt;
}
inline std::optional<std::string_view> optional_string(const char *value) {
  return value ? std::optional<std::string_view>(value) : std::nullopt;
}
inline at::ScalarType dtype(int code) { return static_cast<at::ScalarType>(code); }
inline std::optional<at::ScalarType> optional_dtype(int code) {
  return code < 0 ? std::nullopt : std::optional<at::ScalarType>(dtype(code));
}
at::Device device(nap_device value);
inline std::optional<at::Device> optional_device(nap_device value) {
  return value.kind < 0 ? std::nullopt : std::optional<at::Device>(device(value));
}
inline at::Generator &required_generator(nap_generator handle) {
  TORCH_CHECK(handle, "a generator was required, and there is none");
  return *reinterpret_cast<at::Generator *>(handle);
}
inline std::optional<at::Generator> generator(nap_generator handle) {
  return handle ? std::optional<at::Generator>(*reinterpret_cast<at::Generator *>(handle)) : std::nullopt;
}

}  // namespace nap
