// The gradient of a first layer's kernel, which oneDNN finds slowly.
//
// For images of fewer than 16 channels and a stride of some size, oneDNN takes loops of half-wide vectors over channels
// padded to 8. Measured on one core of an Intel Xeon (Sapphire Rapids), 32 images of 4 x 84 x 84, 32 kernels of
// 8 x 8, stride 4: 8.1 ms. With the blocks of stride x stride pixels taken for channels it is a convolution of
// stride 1 over 64 channels: 3.1 ms, the rearrangement among them. Forward the direct way is the faster.
#include "convolution_one.h"
#include "kernels.h"

#include <ATen/autocast_mode.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <array>

namespace nap::kernels {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using MaybeTensor = std::optional<at::Tensor>;

/// (B, C, H, W) to (B, C s s, H / s, W / s), without the pixels that no kernel reaches.
at::Tensor blocks(const at::Tensor& x, int64_t height, int64_t width, int64_t stride) {
  const auto reached = x.narrow(2, 0, height).narrow(3, 0, width);
  return reached.reshape({x.size(0), x.size(1), height / stride, stride, width / stride, stride})
      .permute({0, 1, 3, 5, 2, 4})
      .reshape({x.size(0), x.size(1) * stride * stride, height / stride, width / stride});
}

/// dy's shape says how far the kernels reach; differentiable in dy, as its operators are.
at::Tensor kernel_gradient(const at::Tensor& x, const at::Tensor& dy, at::IntArrayRef kernel, int64_t stride) {
  const int64_t tall = kernel[2] / stride, wide = kernel[3] / stride;
  const auto images = blocks(x, (dy.size(2) - 1 + tall) * stride, (dy.size(3) - 1 + wide) * stride, stride);
  // Only the shape of the kernel counts.
  const auto shape = at::zeros({kernel[0], images.size(1), tall, wide}, x.options());
  const auto found = std::get<1>(at::convolution_backward(dy, images, shape, std::nullopt, {1, 1}, {0, 0}, {1, 1},
                                                          false, {0, 0}, 1, {false, true, false}));
  return found.view({kernel[0], kernel[1], stride, stride, tall, wide}).permute({0, 1, 4, 2, 5, 3}).reshape(kernel);
}

struct ImageConvolution : torch::autograd::Function<ImageConvolution> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const MaybeTensor& bias, int64_t stride) {
    context->save_for_backward({x});
    context->saved_data["kernel"] = weight.sizes().vec();
    context->saved_data["stride"] = stride;
    context->saved_data["biased"] = bias.has_value();
    return at::conv2d(x, weight, bias, stride);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto& dy = gradients[0];
    at::Tensor dweight, dbias;
    if (context->needs_input_grad(1))
      dweight = kernel_gradient(context->get_saved_variables()[0], dy, context->saved_data["kernel"].toIntVector(),
                                context->saved_data["stride"].toInt());
    // An absent bias has no place among the inputs.
    if (context->saved_data["biased"].toBool() && context->needs_input_grad(2)) dbias = dy.sum({0, 2, 3});
    return {at::Tensor(), dweight, dbias, at::Tensor()};
  }
};

}  // namespace

at::Tensor convolution(const at::Tensor& x, const at::Tensor& weight, const MaybeTensor& bias_or_not,
                       std::array<int64_t, 2> stride, std::array<int64_t, 2> padding, int64_t groups) {
  const auto bias = bias_or_not && bias_or_not->defined() ? bias_or_not : std::nullopt;
  const auto fits = [](const at::Tensor& t) {
    return t.dim() == 4 && t.is_cpu() && t.layout() == at::kStrided && t.scalar_type() == at::kFloat && t.numel() > 0;
  };
  const int64_t s = stride[0];
  // Autocast computes in another type, which libtorch's own operator alone knows.
  const bool is_plain = !at::autocast::is_autocast_enabled(at::kCPU) && s > 0 && stride[1] > 0 && padding[0] == 0 && padding[1] == 0 && groups == 1 && fits(x) &&
                        fits(weight) && x.size(1) == weight.size(1) && x.size(2) >= weight.size(2) &&
                        x.size(3) >= weight.size(3);
  const bool has_bias_of_its_kind = !bias || (bias->is_cpu() && bias->scalar_type() == at::kFloat && bias->dim() == 1 &&
                                              bias->size(0) == weight.size(0));
  const bool is_recorded = at::GradMode::is_enabled() && (x.requires_grad() || weight.requires_grad() ||
                                                          (bias && bias->requires_grad()));
  if (is_plain && !is_recorded && has_bias_of_its_kind && pays_for_one(x, weight, stride))
    return convolution_of_one(x, weight, bias, stride);
  const bool pays = is_plain && s > 1 && s == stride[1] && x.size(1) < 16 && weight.size(2) % s == 0 &&
                    weight.size(3) % s == 0 && at::GradMode::is_enabled() && !x.requires_grad() &&
                    weight.requires_grad();
  if (!pays) return at::conv2d(x, weight, bias, stride, padding, 1, groups);
  return ImageConvolution::apply(x, weight, bias, s);
}

}  // namespace nap::kernels
