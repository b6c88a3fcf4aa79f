// Sums go over pieces in the row's own precision and over the pieces in float64: as exact as needed at
// a mean of 1,000 and over tens of thousands of elements, and as fast as plain float32.
#include "norm_loops.h"

#include "wide.h"

#include <algorithm>
#include <cmath>

namespace nap::kernels {
namespace {

constexpr int64_t piece = 1024;

struct Pair {
  double first, second;
};

/// Sums of two quantities over a row; `both(i)` gives them for element i.
template <typename T, typename Both>
NAP_INSIDE Pair sum_pairs(int64_t size, Both both) {
  double first = 0, second = 0;
  for (int64_t begin = 0; begin < size; begin += piece) {
    const int64_t end = std::min(begin + piece, size);
    T a = 0, b = 0;
    for (int64_t i = begin; i < end; ++i) {
#pragma clang fp reassociate(on)
      T one, other;
      both(i, one, other);
      a += one;
      b += other;
    }
    first += a;
    second += b;
  }
  return {first, second};
}

template <typename T>
NAP_INSIDE Moments<T> moments_of(const T* __restrict x, const RowShape<T>& row) {
  const double n = static_cast<double>(row.size);
  if (!row.centered) {
    const Pair sums = sum_pairs<T>(row.size, [=](int64_t i, T& one, T& other)
                                       __attribute__((always_inline)) { one = x[i] * x[i]; other = 0; });
    return {0, static_cast<T>(1 / std::sqrt(sums.first / n + row.epsilon))};
  }
  const Pair sums = sum_pairs<T>(row.size, [=](int64_t i, T& one, T& other)
                                     __attribute__((always_inline)) { one = x[i]; other = 0; });
  const T guess = static_cast<T>(sums.first / n);
  // Second pass about the rounded mean; what the rounding left over is taken off again.
  const Pair around = sum_pairs<T>(row.size, [=](int64_t i, T& one, T& other)
                                       __attribute__((always_inline)) {
    one = x[i] - guess;
    other = one * one;
  });
  const double rest = around.first / n;
  const double variance = std::max(around.second / n - rest * rest, 0.0);
  return {static_cast<T>(guess + rest), static_cast<T>(1 / std::sqrt(variance + row.epsilon))};
}

enum class Affine { none, scale, both };

/// The value before the activation. Forward and backward must agree on its sign to the last bit, so
/// nothing here may be contracted into a fused multiply-add in one place and not in the other.
template <Affine affine, typename T>
NAP_INSIDE T before_activation(T xhat, const T* scale, const T* offset, int64_t i) {
#pragma clang fp contract(off)
  if constexpr (affine == Affine::none) return xhat;
  const T scaled = xhat * scale[i];
  if constexpr (affine == Affine::scale) return scaled;
  return scaled + offset[i];
}

template <bool relu, typename T>
NAP_INSIDE T activate(T value, T through, T slope) {
  // Written so that a value that is not a number stays one.
  if constexpr (relu) return value <= 0 ? T(0) : through;
  return value > 0 ? through : through * slope;
}

template <Affine affine, bool relu, typename T>
NAP_INSIDE Moments<T> forward(const T* __restrict x, T* __restrict y, const RowShape<T> row) {
  const Moments<T> moments = moments_of(x, row);
  const T mean = moments.mean, inverse = moments.inverse_deviation;
  for (int64_t i = 0; i < row.size; ++i) {
    const T xhat = (x[i] - mean) * inverse;
    const T z = before_activation<affine>(xhat, row.scale, row.offset, i);
    y[i] = activate<relu>(z, z, row.slope);
  }
  return moments;
}

/// With g = dy act'(z) scale: dx = (g - mean(g) - xhat mean(g xhat)) / deviation; RMS: no mean(g).
template <Affine affine, bool relu, typename T>
NAP_INSIDE void backward(const T* __restrict x, const T* __restrict dy, T* __restrict dx,
                         T* __restrict dscale, T* __restrict doffset, const Moments<T> moments,
                         const RowShape<T> row) {
  const T mean = moments.mean, inverse = moments.inverse_deviation;
  // Loops of their own: a store, or a question whether there is one, keeps the sums below from wide vectors.
  if constexpr (affine != Affine::none) {
    if (dscale) {
      for (int64_t i = 0; i < row.size; ++i) {
        const T xhat = (x[i] - mean) * inverse;
        const T z = before_activation<affine>(xhat, row.scale, row.offset, i);
        dscale[i] += activate<relu>(z, dy[i], row.slope) * xhat;
      }
    }
    if (doffset) {
      for (int64_t i = 0; i < row.size; ++i) {
        const T xhat = (x[i] - mean) * inverse;
        const T z = before_activation<affine>(xhat, row.scale, row.offset, i);
        doffset[i] += activate<relu>(z, dy[i], row.slope);
      }
    }
  }
  const Pair sums = sum_pairs<T>(row.size, [=](int64_t i, T& one, T& other)
                                     __attribute__((always_inline)) {
    const T xhat = (x[i] - mean) * inverse;
    const T z = before_activation<affine>(xhat, row.scale, row.offset, i);
    T g = activate<relu>(z, dy[i], row.slope);
    if constexpr (affine != Affine::none) g *= row.scale[i];
    one = g;
    other = g * xhat;
  });
  const double n = static_cast<double>(row.size);
  const T mean_g = static_cast<T>(row.centered ? sums.first / n : 0);
  const T mean_g_xhat = static_cast<T>(sums.second / n);
  for (int64_t i = 0; i < row.size; ++i) {
    const T xhat = (x[i] - mean) * inverse;
    const T z = before_activation<affine>(xhat, row.scale, row.offset, i);
    T g = activate<relu>(z, dy[i], row.slope);
    if constexpr (affine != Affine::none) g *= row.scale[i];
    dx[i] = inverse * (g - mean_g - xhat * mean_g_xhat);
  }
}

template <typename T>
NAP_INSIDE void columns(const T* __restrict partial, int64_t parts, int64_t stride,
                        T* __restrict total, int64_t count) {
  for (int64_t i = 0; i < count; ++i) total[i] = partial[i];
  for (int64_t part = 1; part < parts; ++part)
    for (int64_t i = 0; i < count; ++i) total[i] += partial[part * stride + i];
}

}  // namespace

#define NAP_PICK(CALL, ...)                                             \
  if (row.slope == 0) {                                                 \
    if (row.offset) return CALL<Affine::both, true>(__VA_ARGS__);       \
    if (row.scale) return CALL<Affine::scale, true>(__VA_ARGS__);       \
    return CALL<Affine::none, true>(__VA_ARGS__);                       \
  }                                                                     \
  if (row.offset) return CALL<Affine::both, false>(__VA_ARGS__);        \
  if (row.scale) return CALL<Affine::scale, false>(__VA_ARGS__);        \
  return CALL<Affine::none, false>(__VA_ARGS__)

#define NAP_DEFINE_ROWS(T)                                                                         \
  NAP_WIDE Moments<T> norm_row_forward(const T* x, T* y, const RowShape<T>& row) {                 \
    NAP_PICK(forward, x, y, row);                                                                  \
  }                                                                                                \
  NAP_WIDE void norm_row_backward(const T* x, const T* dy, T* dx, T* dscale, T* doffset,           \
                                  const Moments<T>& moments, const RowShape<T>& row) {             \
    NAP_PICK(backward, x, dy, dx, dscale, doffset, moments, row);                                  \
  }                                                                                                \
  NAP_WIDE void add_columns(const T* partial, int64_t parts, int64_t stride, T* total,             \
                            int64_t count) {                                                       \
    columns(partial, parts, stride, total, count);                                                 \
  }

NAP_DEFINE_ROWS(float)
NAP_DEFINE_ROWS(double)

}  // namespace nap::kernels
