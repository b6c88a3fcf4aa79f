// The same results by libtorch's own operators: other devices, other dtypes.
#pragma once

#include "multi_tensor.h"

#include <functional>

namespace nap::kernels {

/// Per tensor, the sum of squares.
std::vector<double> square_sums_by_operators(Tensors tensors);

/// Numbers of any device, for which it is waited.
std::vector<double> to_host(const at::Tensor& values);

/// Fills `norm_before` and `failed_group` from each group's norm; without `read_back` only where no device is waited for.
void read_norms(const at::Tensor& norms, bool read_back, Report& report);

/// `clip_scale`, on the first gradient's device.
at::Tensor clip_scale_by_operators(Tensors gradients, double limit);

/// A learning rate: a number, and the scalar on a device that takes its place where it is defined.
struct Rate {
  double number;
  at::Tensor given;

  /// The rate as a scalar on a device.
  at::Tensor on(const at::Tensor& weight, at::ScalarType type) const;
};

/// The rate of one tensor of a step.
Rate rate_of(const Step& step, size_t tensor);

/// Updates `weights` from `gradients` in place; the first of them is tensor `first` of the call.
using OperatorStep = std::function<void(Tensors weights, Tensors gradients, size_t first, const Rate& rate)>;

/// While one lives, numbers of the host that this thread moves to a device are kept there for good: what is recorded
/// meanwhile reads them whenever it is replayed.
struct KeepsNumbers {
  KeepsNumbers();
  KeepsNumbers(const KeepsNumbers&) = delete;
  ~KeepsNumbers();
};

/// Scales the gradients, measures, updates and projects; `update` sees tensors of one device, dtype and
/// learning rate at a time. Memory: with `Step::measure`, a copy of the weights in the dtype of sums.
Report step_by_operators(Tensors parameters, Tensors gradients, const Step& step,
                         const Projection& projection, const OperatorStep& update);

/// Optimizer steps by operators, whatever the device; checked lists as in kernels.h.
Report adam_by_operators(Tensors parameters, Tensors gradients, Tensors means, Tensors squares,
                         const Adam& adam, const Step& step, const Projection& projection);
Report sgd_by_operators(Tensors parameters, Tensors gradients, Tensors velocities, const Sgd& sgd,
                        const Step& step, const Projection& projection);
Report rmsprop_by_operators(Tensors parameters, Tensors gradients, Tensors squares, Tensors averages,
                            Tensors velocities, const RmsProp& rmsprop, const Step& step,
                            const Projection& projection);

/// `turn_`, whatever the device; checked lists. Waits for the device where `step` is measured or reads back.
Report turn_by_operators(Tensors parameters, Tensors directions, const Step& step, const Projection& projection);

}  // namespace nap::kernels
