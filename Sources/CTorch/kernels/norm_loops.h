// The inner loops of normalization joined with its activation, one row at a time; no tensors here.
#pragma once

#include <cstdint>

namespace nap::kernels {

template <typename T>
struct Moments {
  T mean, inverse_deviation;
};

/// What is the same for all rows. Null `scale` (`offset`): no scale (offset); an offset comes only
/// with a scale.
template <typename T>
struct RowShape {
  int64_t size;
  bool centered;                 // LayerNorm; otherwise RMSNorm
  double epsilon;
  T slope;
  const T* scale;
  const T* offset;
};

#define NAP_DECLARE_ROWS(T)                                                                        \
  /* y = act(scale xhat + offset), xhat = (x - mean) / sqrt(var + eps). */                         \
  Moments<T> norm_row_forward(const T* x, T* y, const RowShape<T>& row);                           \
  /* dx from dy; adds to dscale and doffset (or null). xhat is recomputed. */                      \
  void norm_row_backward(const T* x, const T* dy, T* dx, T* dscale, T* doffset,                    \
                         const Moments<T>& moments, const RowShape<T>& row);                       \
  /* total[i] = sum over parts of partial[part * stride + i]. */                                   \
  void add_columns(const T* partial, int64_t parts, int64_t stride, T* total, int64_t count);

NAP_DECLARE_ROWS(float)
NAP_DECLARE_ROWS(double)
#undef NAP_DECLARE_ROWS

}  // namespace nap::kernels
