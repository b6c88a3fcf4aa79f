// The engine under projection and the optimizer steps: fixed blocks, ordered sums, one region.
#pragma once

#include "kernels.h"
#include "update_loops.h"

#include <c10/util/FunctionRef.h>

namespace nap::kernels {

/// Elements in a block. Fixed: sums are added block by block, whatever the number of threads.
constexpr int64_t block_size = 16384;

/// Updates `count` elements of tensor `index` from `begin` on and fills `sums`.
using UpdateBlock =
    c10::function_ref<void(int64_t index, int64_t begin, int64_t count, Sums, BlockSums& sums)>;

/// Runs `update` over all blocks and rescales each group once the last of its blocks is done.
/// `parameters` are dense CPU tensors of dtype `T`.
template <typename T>
Report update_and_project(Tensors parameters, const Projection& projection, bool measure,
                          UpdateBlock update);

/// Throws if a group is out of range, empty, or a radius is negative or not finite.
void check_projection(size_t tensor_count, const Projection& projection);

/// Whether all tensors can go through the loops: CPU, one dtype of float32 and float64.
bool fits_loops(Tensors parameters);

/// Throws unless `list` has as many tensors as `parameters` and each the same shape and dtype.
void check_list(const char* kernel, const char* name, Tensors parameters, Tensors list);

/// Throws unless the tensor is dense (each element once in one piece of memory) with equal strides
/// in `state`.
void check_memory(const char* kernel, const char* name, Tensors parameters, Tensors state);

/// Throws unless there is no rate factor, or one for each tensor that is finite and not negative.
void check_rates(const char* kernel, size_t tensor_count, const Step& step);

/// `gradients`, with those laid out unlike their parameter copied into its layout.
std::vector<at::Tensor> laid_out_like(Tensors parameters, Tensors gradients);

/// By libtorch's operators, on any device: rescales and fills `norm_before` and `failed_group`.
/// With `all_or_nothing` a bad norm anywhere leaves every group as it is.
void project_by_operators(Tensors parameters, const Projection& projection, bool read_back,
                          bool all_or_nothing, Report& report);

}  // namespace nap::kernels
