// sqrtf sets errno, which stops the vectorizer: __builtin_elementwise_sqrt does not.
// The order of a sum depends on the block's length alone, so equal blocks give equal bits.
#include "update_loops.h"

#include "wide.h"

namespace nap::kernels {
namespace {

/// Walks a block: `step(i, w)` returns the new weight.
template <Sums sums, typename T, typename Step>
NAP_INSIDE void walk(T* __restrict w, int64_t n, BlockSums& out, Step step) {
  double new_square = 0, old_square = 0, update_square = 0, old_dot_update = 0;
  for (int64_t i = 0; i < n; ++i) {
    const T old = w[i];
    const T updated = step(i, old);
    w[i] = updated;
    {
#pragma clang fp reassociate(on)
      if constexpr (sums != Sums::none) {
        const double wide = updated;
        new_square += wide * wide;
        if constexpr (sums == Sums::all) {
          const double before = old, change = wide - before;
          old_square += before * before;
          update_square += change * change;
          old_dot_update += before * change;
        }
      }
    }
  }
  out = {new_square, old_square, update_square, old_dot_update};
}

template <Sums sums, typename T>
NAP_INSIDE void adam(T* __restrict w, const T* __restrict g, T* __restrict m, T* __restrict v,
                     int64_t n, const AdamConstants<T> c, BlockSums& out) {
  walk<sums>(w, n, out, [=](int64_t i, T old) __attribute__((always_inline)) {
    const T gradient = g[i] * c.gradient_scale + c.penalty * old;
    const T mean = m[i] + c.one_minus_beta1 * (gradient - m[i]);
    const T square = c.beta2 * v[i] + c.one_minus_beta2 * gradient * gradient;
    m[i] = mean;
    v[i] = square;
    const T root = __builtin_elementwise_sqrt(square) * c.inverse_root_correction + c.epsilon;
    return old * c.keep - c.step_size * mean / root;
  });
}

template <Sums sums, bool has_momentum, typename T>
NAP_INSIDE void sgd(T* __restrict w, const T* __restrict g, T* __restrict momentum, int64_t n,
                    const SgdConstants<T> c, BlockSums& out) {
  walk<sums>(w, n, out, [=](int64_t i, T old) __attribute__((always_inline)) {
    T direction = g[i] * c.gradient_scale + c.penalty * old;
    if constexpr (has_momentum) {
      const T velocity = c.momentum * momentum[i] + c.one_minus_dampening * direction;
      momentum[i] = velocity;
      direction = c.nesterov ? direction + c.momentum * velocity : velocity;
    }
    return old - c.learning_rate * direction;
  });
}

template <Sums sums, bool centered, bool has_momentum, typename T>
NAP_INSIDE void rmsprop(T* __restrict w, const T* __restrict g, T* __restrict square,
                        T* __restrict mean, T* __restrict momentum, int64_t n,
                        const RmsPropConstants<T> c, BlockSums& out) {
  walk<sums>(w, n, out, [=](int64_t i, T old) __attribute__((always_inline)) {
    const T gradient = g[i] * c.gradient_scale + c.penalty * old;
    T variance = c.alpha * square[i] + c.one_minus_alpha * gradient * gradient;
    square[i] = variance;
    if constexpr (centered) {
      const T average = mean[i] + c.one_minus_alpha * (gradient - mean[i]);
      mean[i] = average;
      variance -= average * average;
    }
    T direction = gradient / (__builtin_elementwise_sqrt(variance) + c.epsilon);
    if constexpr (has_momentum) {
      direction = c.momentum * momentum[i] + direction;
      momentum[i] = direction;
    }
    return old - c.learning_rate * direction;
  });
}

template <typename T>
NAP_INSIDE double square_sum(const T* __restrict w, int64_t n) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += double(w[i]) * double(w[i]);
  return sum;
}

template <typename T>
NAP_INSIDE void scale(T* __restrict w, T factor, int64_t n) {
  for (int64_t i = 0; i < n; ++i) w[i] *= factor;
}

template <typename T>
NAP_INSIDE void pair_sums(const T* __restrict w, const T* __restrict u, int64_t n, BlockSums& out) {
  double old_square = 0, update_square = 0, old_dot_update = 0;
  for (int64_t i = 0; i < n; ++i) {
#pragma clang fp reassociate(on)
    const double before = w[i], change = u[i];
    old_square += before * before;
    update_square += change * change;
    old_dot_update += before * change;
  }
  out.old_square = old_square;
  out.update_square = update_square;
  out.old_dot_update = old_dot_update;
}

template <typename T>
NAP_INSIDE void combine(T* __restrict w, const T* __restrict u, T keep, T step, int64_t n) {
  for (int64_t i = 0; i < n; ++i) w[i] = keep * w[i] + step * u[i];
}

}  // namespace

#define NAP_WITH_SUMS(CALL)                       \
  switch (sums) {                                 \
    case Sums::none: { constexpr Sums S = Sums::none; CALL; break; } \
    case Sums::norm: { constexpr Sums S = Sums::norm; CALL; break; } \
    case Sums::all: { constexpr Sums S = Sums::all; CALL; break; }   \
  }

#define NAP_DEFINE_LOOPS(T)                                                                       \
  NAP_WIDE void adam_block(T* w, const T* g, T* m, T* v, int64_t n, const AdamConstants<T>& c,    \
                           Sums sums, BlockSums& out) {                                           \
    NAP_WITH_SUMS(adam<S>(w, g, m, v, n, c, out))                                                 \
  }                                                                                               \
  NAP_WIDE void sgd_block(T* w, const T* g, T* momentum, int64_t n, const SgdConstants<T>& c,     \
                          Sums sums, BlockSums& out) {                                            \
    if (momentum) {                                                                               \
      NAP_WITH_SUMS((sgd<S, true>(w, g, momentum, n, c, out)))                                    \
    } else {                                                                                      \
      NAP_WITH_SUMS((sgd<S, false>(w, g, momentum, n, c, out)))                                   \
    }                                                                                             \
  }                                                                                               \
  NAP_WIDE void rmsprop_block(T* w, const T* g, T* square, T* mean, T* momentum, int64_t n,       \
                              const RmsPropConstants<T>& c, Sums sums, BlockSums& out) {          \
    if (mean && momentum) {                                                                       \
      NAP_WITH_SUMS((rmsprop<S, true, true>(w, g, square, mean, momentum, n, c, out)))            \
    } else if (mean) {                                                                            \
      NAP_WITH_SUMS((rmsprop<S, true, false>(w, g, square, mean, momentum, n, c, out)))           \
    } else if (momentum) {                                                                        \
      NAP_WITH_SUMS((rmsprop<S, false, true>(w, g, square, mean, momentum, n, c, out)))           \
    } else {                                                                                      \
      NAP_WITH_SUMS((rmsprop<S, false, false>(w, g, square, mean, momentum, n, c, out)))          \
    }                                                                                             \
  }                                                                                               \
  NAP_WIDE double square_sum_block(const T* w, int64_t n) { return square_sum(w, n); }            \
  NAP_WIDE void scale_block(T* w, T factor, int64_t n) { scale(w, factor, n); }                   \
  NAP_WIDE void pair_sums_block(const T* w, const T* u, int64_t n, BlockSums& out) {              \
    pair_sums(w, u, n, out);                                                                      \
  }                                                                                               \
  NAP_WIDE void combine_block(T* w, const T* u, T keep, T step, int64_t n) {                      \
    combine(w, u, keep, step, n);                                                                 \
  }

NAP_DEFINE_LOOPS(float)
NAP_DEFINE_LOOPS(double)

}  // namespace nap::kernels
