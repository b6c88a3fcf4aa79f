// The inner loops of the noisy linear layer, a tile of outputs at a time; no tensors here.
#pragma once

#include <cstdint>

namespace nap::kernels {

/// How a processor's vectors cut the layer.
struct NoisyTile {
  int64_t outputs;               // that share a load of the input; a layer has at least as many
  int64_t bytes;                 // of a packed row group, and of a piece of a weight's row
};

/// The tile of this processor; none (0 outputs) where its vectors are too narrow to pay.
NoisyTile noisy_tile();

/// Rows of a batch at most: their sums lie on the stack.
constexpr int64_t noisy_row_limit = 256;

/// M = W + S * (o i^T), with W and S (outputs, inputs).
template <typename T>
struct NoisyMatrix {
  int64_t inputs, outputs;
  const T* weight;
  const T* deviation;
  const T* input_factors;
  const T* output_factors;
};

/// One row as stretches of a cache line each; those that are zero throughout are left out.
template <typename T>
struct NoisyInput {
  static constexpr int64_t width = 64 / static_cast<int64_t>(sizeof(T));
  int64_t count;          // of stretches
  const int64_t* begins;  // where each stands in the row
  const T* values;        // (count, width)
  const T* scaled;        // i x, likewise
};

#define NAP_DECLARE_NOISY(T)                                                                       \
  /* Columns [begin, end) of x (rows, columns) into `packed`: groups of rows as wide as a tile, in  \
     each group column after column; missing rows are zero. */                                     \
  void noisy_pack(const T* x, int64_t rows, int64_t columns, int64_t begin, int64_t end,           \
                  T* packed);                                                                      \
  /* Columns [begin, end) of y = x M^T (+ bias) from packed x, at least a tile of them. Keeps M,    \
     unless `matrix` is null. */                                                                   \
  void noisy_forward(const NoisyMatrix<T>& noisy, const T* packed, const T* bias, int64_t rows,    \
                     int64_t begin, int64_t end, T* y, T* matrix);                                 \
  /* Rows [begin, end) of dW = dy^T x and dS = dW * (o i^T), at least a tile of them. */            \
  void noisy_backward(const NoisyMatrix<T>& noisy, const T* x, const T* dy, int64_t rows,          \
                      int64_t begin, int64_t end, T* dweight, T* ddeviation);                      \
  /* Columns [begin, end) of y = x M^T (+ bias) as x W^T + o * ((i x) S^T), for a few rows; scaled is i x. */ \
  void noisy_few(const NoisyMatrix<T>& noisy, const T* x, const T* scaled, const T* bias,          \
                 int64_t rows, int64_t begin, int64_t end, T* y);                                  \
  /* The same for one row of which only some stretches are not zero. */                            \
  void noisy_one(const NoisyMatrix<T>& noisy, const NoisyInput<T>& input, const T* bias,           \
                 int64_t begin, int64_t end, T* y);

/// Up to so many rows of a batch a sum for each row costs less than a tile, which would be mostly empty.
constexpr int64_t noisy_few_rows = 2;

NAP_DECLARE_NOISY(float)
NAP_DECLARE_NOISY(double)
#undef NAP_DECLARE_NOISY

}  // namespace nap::kernels
