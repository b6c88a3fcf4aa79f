// A product of few rows with a large matrix is as much reading as arithmetic, so the noisy matrix is made
// tile by tile in the first-level cache, where the product needs it. Each element of a result is one sum in one
// order, whichever thread makes it.
#include "noisy_loops.h"

#include "wide.h"

#include <algorithm>

namespace nap::kernels {
namespace {

template <typename T, int bytes>
using Vector = T __attribute__((vector_size(bytes)));

/// A vector at any address: a tensor may begin anywhere in its storage. (An `aligned` on a vector of a template's type
/// would be ignored.)
template <typename V>
struct __attribute__((packed, may_alias)) Loose {
  V value;
};

/// The vector at a place. A reference, as a value would be passed differently from processor to processor.
template <typename V, typename T>
NAP_INSIDE const Loose<V>& at(const T* from) {
  return *reinterpret_cast<const Loose<V>*>(from);
}

template <typename V, typename T>
NAP_INSIDE void store(T* to, const V& value) {
  reinterpret_cast<Loose<V>*>(to)->value = value;
}

/// R outputs by C vectors of `bytes`: R * C sums, C loads and a repeated scalar fit the registers.
template <typename T, int bytes, int R, int C>
struct Loops {
  using V = Vector<T, bytes>;
  static constexpr int64_t lanes = bytes / sizeof(T), width = C * lanes;
  /// Columns of a tile of M: 512 bytes a row.
  static constexpr int64_t chunk = 512 / sizeof(T), line = 64 / sizeof(T);

  NAP_INSIDE void pack(const T* __restrict x, int64_t rows, int64_t columns, int64_t begin,
                       int64_t end, T* __restrict packed) {
    for (int64_t first = 0; first < rows; first += width) {
      T* group = packed + first * columns;
      const int64_t count = std::min(width, rows - first);
      for (int64_t k = begin; k < end; ++k) {
        for (int64_t b = 0; b < count; ++b) group[k * width + b] = x[(first + b) * columns + k];
        for (int64_t b = count; b < width; ++b) group[k * width + b] = 0;
      }
    }
  }

  /// Rows [row, row + R) and columns [from, from + count) of M.
  NAP_INSIDE void build(const NoisyMatrix<T>& in, int64_t row, int64_t from, int64_t count,
                        T* __restrict tile, T* __restrict matrix) {
    for (int64_t r = 0; r < R; ++r) {
      const int64_t start = (row + r) * in.inputs + from;
      const T factor = in.output_factors[row + r];
      for (int64_t k = 0; k < count; k += lanes) {
        const V both = at<V>(in.input_factors + from + k).value * factor;
        const V value = at<V>(in.weight + start + k).value + at<V>(in.deviation + start + k).value * both;
        store(tile + r * chunk + k, value);
        if (matrix) store(matrix + start + k, value);
      }
    }
  }

  /// Asks for a line of the next tile of M, whose rows are too short for the processor to foresee.
  NAP_INSIDE void foresee(const NoisyMatrix<T>& in, int64_t row, int64_t from, int64_t k) {
    const int64_t r = k / (chunk / line), column = from + (k % (chunk / line)) * line;
    if (r >= R || column >= in.inputs) return;
    __builtin_prefetch(in.weight + (row + r) * in.inputs + column);
    __builtin_prefetch(in.deviation + (row + r) * in.inputs + column);
  }

  NAP_INSIDE void forward(const NoisyMatrix<T> in, const T* __restrict packed,
                          const T* __restrict bias, int64_t rows, int64_t row, T* __restrict y,
                          T* __restrict matrix) {
    alignas(64) T tile[R * chunk];
    alignas(64) T sums[R * noisy_row_limit];
    const int64_t groups = (rows + width - 1) / width;
    std::fill(sums, sums + groups * R * width, T(0));
    for (int64_t from = 0; from < in.inputs; from += chunk) {
      const int64_t count = std::min(chunk, in.inputs - from);
      build(in, row, from, count, tile, matrix);
      for (int64_t g = 0; g < groups; ++g) {
        const T* x = packed + g * width * in.inputs + from * width;
        T* own = sums + g * R * width;
        V sum[R][C];
#pragma unroll
        for (int r = 0; r < R; ++r)
#pragma unroll
          for (int c = 0; c < C; ++c) sum[r][c] = at<V>(own + r * width + c * lanes).value;
        for (int64_t k = 0; k < count; ++k) {
          if (g == 0) foresee(in, row, from + chunk, k);
          V value[C];
#pragma unroll
          for (int c = 0; c < C; ++c) value[c] = at<V>(x + k * width + c * lanes).value;
#pragma unroll
          for (int r = 0; r < R; ++r)
#pragma unroll
            for (int c = 0; c < C; ++c) sum[r][c] += value[c] * tile[r * chunk + k];
        }
#pragma unroll
        for (int r = 0; r < R; ++r)
#pragma unroll
          for (int c = 0; c < C; ++c) store(own + r * width + c * lanes, sum[r][c]);
      }
    }
    for (int64_t b = 0; b < rows; ++b)
      for (int64_t r = 0; r < R; ++r)
        y[b * in.outputs + row + r] =
            sums[b / width * R * width + r * width + b % width] + (bias ? bias[row + r] : T(0));
  }

  NAP_INSIDE void backward(const NoisyMatrix<T> in, const T* __restrict x, const T* __restrict dy,
                           int64_t rows, int64_t row, int64_t from, int64_t to,
                           T* __restrict dweight, T* __restrict ddeviation) {
    for (int64_t k = from; k < to; k += width) {
      V sum[R][C] = {};
      for (int64_t b = 0; b < rows; ++b) {
        V value[C];
#pragma unroll
        for (int c = 0; c < C; ++c) value[c] = at<V>(x + b * in.inputs + k + c * lanes).value;
#pragma unroll
        for (int r = 0; r < R; ++r)
#pragma unroll
          for (int c = 0; c < C; ++c) sum[r][c] += value[c] * dy[b * in.outputs + row + r];
      }
#pragma unroll
      for (int r = 0; r < R; ++r)
#pragma unroll
        for (int c = 0; c < C; ++c) {
          const int64_t place = (row + r) * in.inputs + k + c * lanes;
          const V both =
              at<V>(in.input_factors + k + c * lanes).value * in.output_factors[row + r];
          store(dweight + place, sum[r][c]);
          store(ddeviation + place, sum[r][c] * both);
        }
    }
  }

  /// Calls `body` with the first output of each tile; the last tile overlaps the one before it.
  template <typename Body>
  NAP_INSIDE void tiles(int64_t begin, int64_t end, Body body) {
    for (int64_t row = begin; row < end; row += R) body(std::min(row, end - R));
  }

  NAP_INSIDE void forward_tiles(const NoisyMatrix<T> in, const T* packed, const T* bias,
                                int64_t rows, int64_t begin, int64_t end, T* y, T* matrix) {
    tiles(begin, end, [&](int64_t row) __attribute__((always_inline)) {
      forward(in, packed, bias, rows, row, y, matrix);
    });
  }

  NAP_INSIDE void backward_tiles(const NoisyMatrix<T> in, const T* x, const T* dy, int64_t rows,
                                 int64_t begin, int64_t end, T* dweight, T* ddeviation) {
    // The columns of x that several tiles read stay in the first-level cache.
    const int64_t piece = 4 * width;
    for (int64_t from = 0; from < in.inputs; from += piece)
      tiles(begin, end, [&](int64_t row) __attribute__((always_inline)) {
        backward(in, x, dy, rows, row, from, std::min(in.inputs, from + piece), dweight, ddeviation);
      });
  }
};

#if defined(__x86_64__) && defined(__linux__)
bool has_wide_vectors() {
  static const bool found = __builtin_cpu_supports("x86-64-v4");
  return found;
}
bool has_vectors() {
  static const bool found = __builtin_cpu_supports("x86-64-v3");
  return found;
}

// The sums of a tile are kept in registers by name, so each width of vectors needs a tile of its own; NAP_WIDE
// would have one for all.
#define NAP_BY_VECTORS(T, NAME, PARAMETERS, ARGUMENTS, CALL)                                       \
  __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))                                 \
  static void NAME##_64 PARAMETERS {                                                               \
    Loops<T, 64, 12, 2>::CALL ARGUMENTS;                                                           \
  }                                                                                                \
  __attribute__((target("arch=x86-64-v3"))) static void NAME##_32 PARAMETERS {                     \
    Loops<T, 32, 6, 2>::CALL ARGUMENTS;                                                            \
  }                                                                                                \
  }                                                                                                \
  void NAME PARAMETERS { has_wide_vectors() ? NAME##_64 ARGUMENTS : NAME##_32 ARGUMENTS; }         \
  namespace {

constexpr NoisyTile wide_tile{12, 128}, narrow_tile{6, 64};
NoisyTile found_tile() { return has_wide_vectors() ? wide_tile : has_vectors() ? narrow_tile : NoisyTile{0, 0}; }
#else
#define NAP_BY_VECTORS(T, NAME, PARAMETERS, ARGUMENTS, CALL)                                       \
  }                                                                                                \
  void NAME PARAMETERS { Loops<T, 16, 4, 2>::CALL ARGUMENTS; }                                     \
  namespace {

NoisyTile found_tile() { return {0, 0}; }
#endif

#define NAP_DEFINE_NOISY(T)                                                                        \
  NAP_BY_VECTORS(T, noisy_pack,                                                                    \
                 (const T* x, int64_t rows, int64_t columns, int64_t begin, int64_t end,           \
                  T* packed),                                                                      \
                 (x, rows, columns, begin, end, packed), pack)                                     \
  NAP_BY_VECTORS(T, noisy_forward,                                                                 \
                 (const NoisyMatrix<T>& noisy, const T* packed, const T* bias, int64_t rows,       \
                  int64_t begin, int64_t end, T* y, T* matrix),                                    \
                 (noisy, packed, bias, rows, begin, end, y, matrix), forward_tiles)                \
  NAP_BY_VECTORS(T, noisy_backward,                                                                \
                 (const NoisyMatrix<T>& noisy, const T* x, const T* dy, int64_t rows,              \
                  int64_t begin, int64_t end, T* dweight, T* ddeviation),                          \
                 (noisy, x, dy, rows, begin, end, dweight, ddeviation), backward_tiles)

NAP_DEFINE_NOISY(float)
NAP_DEFINE_NOISY(double)

}  // namespace

NoisyTile noisy_tile() { return found_tile(); }

}  // namespace nap::kernels
