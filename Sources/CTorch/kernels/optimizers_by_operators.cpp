// Optimizer steps by libtorch's operators.
#include "operators.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcdiv.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_sqrt.h>
#include <ATen/ops/_foreach_sub.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/full.h>

namespace nap::kernels {
namespace {

std::vector<at::Tensor> with_penalty(Tensors gradients, Tensors weights, double decay) {
  return decay == 0 ? gradients.vec() : at::_foreach_add(gradients, weights, decay);
}

/// The part of a state list that belongs to `weights`.
Tensors part(Tensors state, size_t first, Tensors weights) {
  return state.empty() ? state : state.slice(first, weights.size());
}

/// W <- W - rate d.
void descend(Tensors weights, Tensors directions, const Rate& rate) {
  const auto type = weights[0].scalar_type();
  if (weights[0].is_cpu()) {
    at::_foreach_add_(weights, directions, -rate.number);
  } else if (weights[0].element_size() < 4) {
    // In a half's own dtype the rate would be coarse.
    const auto scalar = rate.on(weights[0], at::kFloat);
    for (size_t t = 0; t < weights.size(); ++t) weights[t].sub_((directions[t].to(at::kFloat) * scalar).to(type));
  } else {
    at::_foreach_sub_(weights, at::_foreach_mul(directions, rate.on(weights[0], type)));
  }
}

}  // namespace

Report adam_by_operators(Tensors parameters, Tensors gradients, Tensors means, Tensors squares,
                         const Adam& adam, const Step& step, const Projection& projection) {
  return step_by_operators(
      parameters, gradients, step, projection, [&](Tensors weights, Tensors scaled, size_t first, const Rate& rate) {
        const auto options = weights[0].options().dtype(at::kFloat);
        const auto update = step.device_updates.defined() && !weights[0].is_cpu()
                                ? step.device_updates.to(weights[0].device())
                                : at::full({}, static_cast<double>(adam.update), options);
        const std::vector<at::Tensor> updates(weights.size(), update);
        const Tensors mean = part(means, first, weights), square = part(squares, first, weights);
        const auto run = [&](const auto& own_rate) {
          if (adam.decoupled) {
            at::_fused_adamw_(weights, scaled, mean, square, {}, updates, own_rate, adam.beta1,
                              adam.beta2, step.weight_decay, adam.epsilon, false, false);
          } else {
            at::_fused_adam_(weights, scaled, mean, square, {}, updates, own_rate, adam.beta1,
                             adam.beta2, step.weight_decay, adam.epsilon, false, false);
          }
        };
        // A rate that lies on a device is one of float32 here, which of float64 weights is seen.
        const bool takes_number =
            weights[0].is_cpu() || (weights[0].scalar_type() == at::kDouble && !rate.given.defined());
        if (takes_number) {
          run(rate.number);
        } else {
          run(rate.on(weights[0], at::kFloat));
        }
      });
}

Report sgd_by_operators(Tensors parameters, Tensors gradients, Tensors velocities, const Sgd& sgd,
                        const Step& step, const Projection& projection) {
  return step_by_operators(
      parameters, gradients, step, projection, [&](Tensors weights, Tensors scaled, size_t first, const Rate& rate) {
        auto direction = with_penalty(scaled, weights, step.weight_decay);
        if (!velocities.empty()) {
          const Tensors velocity = part(velocities, first, weights);
          const double damping = sgd.update == 1 ? 0 : sgd.dampening;
          at::_foreach_mul_(velocity, sgd.momentum);
          at::_foreach_add_(velocity, direction, 1 - damping);
          direction = sgd.nesterov ? at::_foreach_add(direction, velocity, sgd.momentum)
                                   : velocity.vec();
        }
        descend(weights, direction, rate);
      });
}

Report rmsprop_by_operators(Tensors parameters, Tensors gradients, Tensors squares, Tensors averages,
                            Tensors velocities, const RmsProp& rmsprop, const Step& step,
                            const Projection& projection) {
  return step_by_operators(
      parameters, gradients, step, projection, [&](Tensors weights, Tensors scaled, size_t first, const Rate& rate) {
        const auto gradient = with_penalty(scaled, weights, step.weight_decay);
        const Tensors square = part(squares, first, weights);
        at::_foreach_mul_(square, rmsprop.alpha);
        at::_foreach_addcmul_(square, gradient, gradient, 1 - rmsprop.alpha);
        std::vector<at::Tensor> root;
        if (averages.empty()) {
          root = at::_foreach_sqrt(square);
        } else {
          const Tensors average = part(averages, first, weights);
          at::_foreach_lerp_(average, gradient, 1 - rmsprop.alpha);
          root = at::_foreach_addcmul(square, average, average, -1);
          at::_foreach_sqrt_(root);
        }
        at::_foreach_add_(root, rmsprop.epsilon);
        if (velocities.empty()) {
          descend(weights, at::_foreach_div(gradient, root), rate);
        } else {
          const Tensors velocity = part(velocities, first, weights);
          at::_foreach_mul_(velocity, rmsprop.momentum);
          at::_foreach_addcdiv_(velocity, gradient, root);
          descend(weights, velocity, rate);
        }
      });
}

}  // namespace nap::kernels
