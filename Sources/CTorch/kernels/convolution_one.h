#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <optional>

namespace nap::kernels {

/// Whether x is one image that is so small, and has kernels of such a width, that this way is known to be the faster.
bool pays_for_one(const at::Tensor& x, const at::Tensor& weight, std::array<int64_t, 2> stride);

/// x (1, C, H, W), at least as large as a kernel, by weight (O, C, h, w) without padding, dilation or groups, both float32 on
/// CPU. There is no graph.
at::Tensor convolution_of_one(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias,
                              std::array<int64_t, 2> stride);

}  // namespace nap::kernels
