// The inner loops of the multi-tensor kernels, over one block of memory; no tensors here.
#pragma once

#include <cstdint>

namespace nap::kernels {

/// Sums over one block, in float64. `w` is the weight before the update, `u` what was added to it.
struct BlockSums {
  double new_square = 0;         // sum (w + u)^2
  double old_square = 0;         // sum w^2
  double update_square = 0;      // sum u^2
  double old_dot_update = 0;     // sum w u
};

/// Which of the sums a block computes.
enum class Sums { none, norm, all };

template <typename T>
struct AdamConstants {
  T beta1, beta2, one_minus_beta1, one_minus_beta2;
  T step_size;                   // learning rate / (1 - beta1^t)
  T inverse_root_correction;     // 1 / sqrt(1 - beta2^t)
  T epsilon;
  T keep;                        // 1 - learning rate x decoupled weight decay
  T penalty;                     // weight decay that is added to the gradient
  T gradient_scale;
};

template <typename T>
struct SgdConstants {
  T learning_rate, momentum, one_minus_dampening, penalty, gradient_scale;
  bool nesterov;
};

template <typename T>
struct RmsPropConstants {
  T learning_rate, alpha, one_minus_alpha, epsilon, momentum, penalty, gradient_scale;
};

// Null pointers stand for state that the optimizer does not keep. `pair_sums_block` leaves `new_square`;
// `combine_block` is w <- keep w + step u.
#define NAP_DECLARE_LOOPS(T)                                                                      \
  void adam_block(T* w, const T* g, T* m, T* v, int64_t n, const AdamConstants<T>& c, Sums sums,  \
                  BlockSums& out);                                                                \
  void sgd_block(T* w, const T* g, T* momentum, int64_t n, const SgdConstants<T>& c, Sums sums,   \
                 BlockSums& out);                                                                 \
  void rmsprop_block(T* w, const T* g, T* square, T* mean, T* momentum, int64_t n,                \
                     const RmsPropConstants<T>& c, Sums sums, BlockSums& out);                    \
  double square_sum_block(const T* w, int64_t n);                                                 \
  void scale_block(T* w, T factor, int64_t n);                                                    \
  void pair_sums_block(const T* w, const T* u, int64_t n, BlockSums& out);                        \
  void combine_block(T* w, const T* u, T keep, T step, int64_t n);

NAP_DECLARE_LOOPS(float)
NAP_DECLARE_LOOPS(double)
#undef NAP_DECLARE_LOOPS

}  // namespace nap::kernels
