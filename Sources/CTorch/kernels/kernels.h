// Fused kernels of the method, over libtorch tensors: optimizer steps that project, projection,
// normalization joined with its activation.
//
// On CPU in float32 and float64 these are loops of our own on all of libtorch's threads; on other
// devices and in other dtypes the same results come from libtorch's own operators.
//
// A result never depends on the number of threads: work is cut into fixed blocks, and the blocks'
// float64 sums are added in order. Errors are `c10::Error` (TORCH_CHECK), thrown before any change.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace nap::kernels {

using Tensors = at::TensorList;

/// The elements of a tensor of type T. Not `const_data_ptr<T>()`: libtorch 2.11 exports that under the
/// name that gcc gives it, and clang asks for another.
template <typename T>
const T* const_elements(const at::Tensor& tensor) {
  return static_cast<const T*>(tensor.const_data_ptr());
}

// MARK: Projection

/// What to rescale and to which norm. Tensors of one group share one joint norm (a noisy layer's mean
/// and deviation, a normalization's scale and offset): the Frobenius norm of all of them together.
struct Projection {
  /// Per tensor an index into `radius`, or -1: not projected. Empty: nothing is projected.
  at::ArrayRef<int64_t> group = {};
  /// Per group the norm to return to: W <- W radius / ||W||. A group without tensors is an error.
  at::ArrayRef<double> radius = {};
};

/// What a step did. Squares are float64 sums; NaN where they were not asked for.
struct Report {
  /// Per group, the joint norm just before it was rescaled.
  std::vector<double> norm_before;
  /// The first group whose norm is zero or not finite, or -1. Such a group is not rescaled.
  int64_t failed_group = -1;
  /// Per tensor, when `Step::measure`: ||W||^2 before the step, ||U||^2 and <W, U>, where U is what
  /// the optimizer added, before projection. With s = radius / norm_before (1 if not projected) the
  /// true change is D = (s - 1) W + s U:
  /// ||D||^2 = (s-1)^2 ||W||^2 + 2 s (s-1) <W,U> + s^2 ||U||^2, and
  /// cos(W_old, W_new) = (||W||^2 + <W,U>) / (||W|| norm_before) for a group of one tensor.
  std::vector<double> old_square, update_square, old_dot_update;
};

/// Rescales each group to its radius, in place: all norms first, then, if all of them are finite and
/// above zero, all rescalings; otherwise nothing is changed and `failed_group` says why.
/// Cost: one read of every tensor, then one read and write. `read_back` as in `Step`.
Report project_(Tensors parameters, const Projection& projection, bool read_back = true);

/// Per tensor, the float64 sum of squares.
std::vector<double> square_sums(Tensors tensors);

/// The float64 sum of squares over all tensors: the square of the global norm.
double sum_squares(Tensors tensors);

/// What gradients are multiplied by so that their global norm is at most `limit`: 1 or limit / norm, as
/// `Step::clip_scale` wants it. NaN for a norm that is not a number, 0 for an infinite one. Waits for nothing.
at::Tensor clip_scale(Tensors gradients, double limit);

// MARK: Optimizer steps

/// What the optimizers share.
struct Step {
  double learning_rate = 0;
  /// Every gradient is multiplied by this first: the factor of global-norm clipping.
  double gradient_scale = 1;
  /// A float64 scalar (float32 on MPS) where the parameters are, by which gradients are multiplied as well; may be
  /// undefined. See `clip_scale`.
  at::Tensor clip_scale;
  double weight_decay = 0;
  /// Fill `Report::old_square`, `update_square`, `old_dot_update`.
  bool measure = false;
  /// On devices other than CPU: bring norms to the host (a wait for the device). Without it
  /// `norm_before` is NaN and `failed_group` is -1 there; a bad norm still leaves its group as it is.
  bool read_back = true;
  /// Per tensor what the learning rate is multiplied by; empty: 1 for each.
  at::ArrayRef<double> rate_factor = {};
  /// The learning rate (float64) and Adam's count of updates (float32) as scalars where the parameters are, in the place
  /// of the numbers: a step that was recorded is replayed with others. May be undefined. The CPU takes the numbers.
  at::Tensor device_rate, device_updates;
};

struct Adam {
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  /// Updates done, this one included: 1 at the first.
  int64_t update = 1;
  /// True: AdamW, W <- (1 - lr decay) W before the update. False: decay W is added to the gradient.
  bool decoupled = false;
};

/// One Adam or AdamW update of all tensors and their projection, in one pass over memory plus a
/// rescaling that follows each group while it is still in cache. PyTorch's formula:
/// m <- m + (1-b1)(g-m); v <- b2 v + (1-b2) g^2; W <- W - lr/(1-b1^t) m / (sqrt(v)/sqrt(1-b2^t) + eps).
/// Shapes, dtype, device and strides of the four lists agree tensor by tensor; tensors are dense.
Report adam_project_(Tensors parameters, Tensors gradients, Tensors means, Tensors squares,
                     const Adam& adam, const Step& step, const Projection& projection = {});

struct Sgd {
  double momentum = 0, dampening = 0;
  bool nesterov = false;
  /// Updates done, this one included; at the first the velocity is the gradient, undamped.
  int64_t update = 1;
};

/// v <- momentum v + (1 - dampening) g; W <- W - lr v (Nesterov: W - lr (g + momentum v)).
/// `velocities` is empty if `momentum` is 0, and zero before the first update otherwise.
Report sgd_project_(Tensors parameters, Tensors gradients, Tensors velocities, const Sgd& sgd,
                    const Step& step, const Projection& projection = {});

struct RmsProp {
  double alpha = 0.99, epsilon = 1e-8, momentum = 0;
};

/// s <- alpha s + (1-alpha) g^2; d = g / (sqrt(s - a^2) + eps), where a <- a + (1-alpha)(g-a) if
/// `averages` is given (centered) and 0 otherwise; W <- W - lr d, or with momentum
/// b <- momentum b + d; W <- W - lr b. `velocities` is empty if `momentum` is 0.
Report rmsprop_project_(Tensors parameters, Tensors gradients, Tensors squares, Tensors averages,
                        Tensors velocities, const RmsProp& rmsprop, const Step& step,
                        const Projection& projection = {});

/// Hyperball's step: W <- R n(W + rate R n(D)), n(x) = x / ||x||, for each group of `projection` as one vector with R
/// its radius. D is what a base optimizer would add to W: its length is of no account. `rate` is the tangent of the
/// angle that W turns by where D is orthogonal to W; of a group's rate factors the first tensor's counts.
/// Every tensor belongs to a group. A group of D = 0 whose norm is R up to 1e-6 keeps every bit.
/// Cost: one read of both lists, then one read of both and one write.
Report turn_(Tensors parameters, Tensors directions, const Step& step, const Projection& projection);

// MARK: Normalization joined with its activation

enum class NormKind : int { layer = 0, rms = 1 };

struct NormRelu {
  NormKind kind = NormKind::layer;
  /// How many trailing elements (a product of the last dimensions) are normalized together.
  int64_t normalized_size = 0;
  double epsilon = 1e-5;
  /// Activation: z if z > 0, else slope z. 0 is ReLU, 1 is no activation.
  double slope = 0;
};

/// y = act(scale (x - mean) / sqrt(var + eps) + offset), mean and biased variance over the trailing
/// `normalized_size` elements; RMS: mean 0 and var = mean of squares. The variance takes two passes.
/// `scale` and `offset`: `normalized_size` elements each, in x's dtype.
/// Differentiable once in x, scale and offset; asking for a second derivative is an error that says
/// so: take `norm_relu_unfused` for Jacobians. Channels-last x is kept channels-last when all of
/// C, H, W is normalized without scale and offset; any other non-contiguous x is copied first.
at::Tensor norm_relu(const at::Tensor& x, const std::optional<at::Tensor>& scale,
                     const std::optional<at::Tensor>& offset, const NormRelu& options);

/// The same by libtorch's own operators, differentiable any number of times.
at::Tensor norm_relu_unfused(const at::Tensor& x, const std::optional<at::Tensor>& scale,
                             const std::optional<at::Tensor>& offset, const NormRelu& options);

// MARK: Matrix products

/// y = x W^T + b over the last axis of x. Shapes: x (..., inputs), weight (outputs, inputs), bias
/// (outputs). The result of `at::linear`, differentiable any number of times; on processors where
/// libtorch's MKL leaves the widest vectors unused (see linear.cpp) by oneDNN, 2.1 to 2.4 times as
/// fast in float32.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias);

/// A linear layer whose matrix is W + S * (o i^T): a mean, and a deviation times factors of noise.
struct NoisyLinear {
  at::Tensor weight, deviation;             // W and S (outputs, inputs)
  at::Tensor input_factors, output_factors; // i and o; no gradient goes to them
  std::optional<at::Tensor> bias;           // (outputs)
};

/// y = x (W + S * (o i^T))^T + b over the last axis of x, which has up to a few hundred rows; the matrix is made
/// piece by piece where the product needs it, and its gradient is written once as that of W and of S.
/// Differentiable once in x, W, S and b; asking for a second derivative is an error that says so: take
/// `noisy_linear_unfused`. Sizes that the loops' tiles do not cover, more rows, other dtypes and devices
/// take the unfused operators. One or two rows without a graph have a loop of their own; of one row what is
/// zero throughout a cache line is passed over, whatever W and S hold there.
at::Tensor noisy_linear(const at::Tensor& x, const NoisyLinear& layer);

/// The same by the operators, differentiable any number of times.
at::Tensor noisy_linear_unfused(const at::Tensor& x, const NoisyLinear& layer);

/// f(x) = sign(x) √|x| of `count` standard normals cut at ±2, x = √2 erf⁻¹(u) with u uniform, float32, where the generator is.
at::Tensor noise_factors(int64_t count, const at::Generator& generator);

// MARK: Convolutions

/// at::conv2d, dilation 1. For images of few channels through which no gradient goes, in float32 on CPU, with a stride
/// that divides the kernel and no padding, the gradient of the weight is found another way: see convolution.cpp.
/// Differentiable any number of times. One small image without a graph, by kernels without padding, has a way of its own: see convolution_one.cpp.
at::Tensor convolution(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias,
                       std::array<int64_t, 2> stride, std::array<int64_t, 2> padding, int64_t groups);

// MARK: The process

/// Sets the C library's allocation thresholds for training: see allocator.cpp for the figures.
/// Once, at start, before threads allocate. Returns false where there is nothing to set.
bool configure_allocator();

}  // namespace nap::kernels
