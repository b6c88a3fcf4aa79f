// Optimizer steps that project, by our own loops where these fit.
#include "multi_tensor.h"
#include "operators.h"

#include <c10/util/Exception.h>

#include <cmath>

namespace nap::kernels {
namespace {

template <typename T>
std::vector<T*> pointers(Tensors tensors) {
  std::vector<T*> result;
  for (const at::Tensor& tensor : tensors) result.push_back(tensor.mutable_data_ptr<T>());
  return result;
}

template <typename T>
std::vector<const T*> sources(Tensors tensors) {
  std::vector<const T*> result;
  for (const at::Tensor& tensor : tensors) result.push_back(const_elements<T>(tensor));
  return result;
}

template <typename T>
T* at_or_null(const std::vector<T*>& list, int64_t index, int64_t begin) {
  return list.empty() ? nullptr : list[index] + begin;
}

void check_state(const char* kernel, const char* name, Tensors parameters, Tensors state) {
  check_list(kernel, name, parameters, state);
  check_memory(kernel, name, parameters, state);
}

void check_optional(const char* kernel, const char* name, Tensors parameters, Tensors state,
                    bool wanted) {
  TORCH_CHECK(wanted || state.empty(), kernel, ": ", name, " given, but momentum is 0");
  if (wanted) check_state(kernel, name, parameters, state);
}

/// The loops' constants at each tensor's learning rate: of one tensor for all where there are no factors.
template <typename Make>
auto by_rate(const Step& step, Make make) {
  std::vector<decltype(make(step.learning_rate))> constants;
  if (step.rate_factor.empty()) constants.push_back(make(step.learning_rate));
  for (double factor : step.rate_factor) constants.push_back(make(step.learning_rate * factor));
  return [constants = std::move(constants), is_one = step.rate_factor.empty()](int64_t tensor) -> const auto& {
    return constants[is_one ? 0 : tensor];
  };
}

/// What gradients are multiplied by, for the loops: all of it lies in the host's memory.
double gradient_scale(const Step& step) {
  return step.clip_scale.defined() ? step.gradient_scale * *const_elements<double>(step.clip_scale)
                                   : step.gradient_scale;
}

/// Calls `body` with a value of the parameters' element type.
template <typename Body>
Report with_element(Tensors parameters, Body body) {
  return parameters[0].scalar_type() == at::kFloat ? body(float()) : body(double());
}

}  // namespace

Report adam_project_(Tensors parameters, Tensors gradients, Tensors means, Tensors squares,
                     const Adam& adam, const Step& step, const Projection& projection) {
  const char* kernel = "adam_project_";
  TORCH_CHECK(adam.update >= 1, kernel, ": update counts from 1, found ", adam.update);
  check_projection(parameters.size(), projection);
  check_rates(kernel, parameters.size(), step);
  check_memory(kernel, "parameters", parameters, parameters);
  check_list(kernel, "gradients", parameters, gradients);
  check_state(kernel, "means", parameters, means);
  check_state(kernel, "squares", parameters, squares);
  if (!fits_loops(parameters))
    return adam_by_operators(parameters, gradients, means, squares, adam, step, projection);
  const auto laid_out = laid_out_like(parameters, gradients);
  const double correction1 = 1 - std::pow(adam.beta1, static_cast<double>(adam.update));
  const double correction2 = 1 - std::pow(adam.beta2, static_cast<double>(adam.update));
  const double decay = step.weight_decay;
  return with_element(parameters, [&]<typename T>(T) {
    const auto constants = by_rate(step, [&](double rate) {
      return AdamConstants<T>{
          .beta1 = T(adam.beta1), .beta2 = T(adam.beta2),
          .one_minus_beta1 = T(1 - adam.beta1), .one_minus_beta2 = T(1 - adam.beta2),
          .step_size = T(rate / correction1),
          .inverse_root_correction = T(1 / std::sqrt(correction2)), .epsilon = T(adam.epsilon),
          .keep = T(adam.decoupled ? 1 - rate * decay : 1),
          .penalty = T(adam.decoupled ? 0 : decay), .gradient_scale = T(gradient_scale(step))};
    });
    const auto w = pointers<T>(parameters), m = pointers<T>(means), v = pointers<T>(squares);
    const auto g = sources<T>(laid_out);
    return update_and_project<T>(
        parameters, projection, step.measure,
        [&](int64_t t, int64_t begin, int64_t count, Sums sums, BlockSums& out) {
          adam_block(w[t] + begin, g[t] + begin, m[t] + begin, v[t] + begin, count, constants(t),
                     sums, out);
        });
  });
}

Report sgd_project_(Tensors parameters, Tensors gradients, Tensors velocities, const Sgd& sgd,
                    const Step& step, const Projection& projection) {
  const char* kernel = "sgd_project_";
  TORCH_CHECK(sgd.update >= 1, kernel, ": update counts from 1, found ", sgd.update);
  TORCH_CHECK(!sgd.nesterov || (sgd.momentum > 0 && sgd.dampening == 0), kernel,
              ": Nesterov's step needs momentum above 0 and dampening 0, found ", sgd.momentum,
              " and ", sgd.dampening);
  check_projection(parameters.size(), projection);
  check_rates(kernel, parameters.size(), step);
  check_memory(kernel, "parameters", parameters, parameters);
  check_list(kernel, "gradients", parameters, gradients);
  check_optional(kernel, "velocities", parameters, velocities, sgd.momentum != 0);
  if (!fits_loops(parameters))
    return sgd_by_operators(parameters, gradients, velocities, sgd, step, projection);
  const auto laid_out = laid_out_like(parameters, gradients);
  return with_element(parameters, [&]<typename T>(T) {
    const auto constants = by_rate(step, [&](double rate) {
      return SgdConstants<T>{
          .learning_rate = T(rate), .momentum = T(sgd.momentum),
          .one_minus_dampening = T(sgd.update == 1 ? 1 : 1 - sgd.dampening),
          .penalty = T(step.weight_decay), .gradient_scale = T(gradient_scale(step)),
          .nesterov = sgd.nesterov};
    });
    const auto w = pointers<T>(parameters), velocity = pointers<T>(velocities);
    const auto g = sources<T>(laid_out);
    return update_and_project<T>(
        parameters, projection, step.measure,
        [&](int64_t t, int64_t begin, int64_t count, Sums sums, BlockSums& out) {
          sgd_block(w[t] + begin, g[t] + begin, at_or_null(velocity, t, begin), count,
                    constants(t), sums, out);
        });
  });
}

Report rmsprop_project_(Tensors parameters, Tensors gradients, Tensors squares, Tensors averages,
                        Tensors velocities, const RmsProp& rmsprop, const Step& step,
                        const Projection& projection) {
  const char* kernel = "rmsprop_project_";
  check_projection(parameters.size(), projection);
  check_rates(kernel, parameters.size(), step);
  check_memory(kernel, "parameters", parameters, parameters);
  check_list(kernel, "gradients", parameters, gradients);
  check_state(kernel, "squares", parameters, squares);
  if (!averages.empty()) check_state(kernel, "averages", parameters, averages);
  check_optional(kernel, "velocities", parameters, velocities, rmsprop.momentum != 0);
  if (!fits_loops(parameters))
    return rmsprop_by_operators(parameters, gradients, squares, averages, velocities, rmsprop, step,
                                projection);
  const auto laid_out = laid_out_like(parameters, gradients);
  return with_element(parameters, [&]<typename T>(T) {
    const auto constants = by_rate(step, [&](double rate) {
      return RmsPropConstants<T>{
          .learning_rate = T(rate), .alpha = T(rmsprop.alpha),
          .one_minus_alpha = T(1 - rmsprop.alpha), .epsilon = T(rmsprop.epsilon),
          .momentum = T(rmsprop.momentum), .penalty = T(step.weight_decay),
          .gradient_scale = T(gradient_scale(step))};
    });
    const auto w = pointers<T>(parameters), square = pointers<T>(squares);
    const auto average = pointers<T>(averages), velocity = pointers<T>(velocities);
    const auto g = sources<T>(laid_out);
    return update_and_project<T>(
        parameters, projection, step.measure,
        [&](int64_t t, int64_t begin, int64_t count, Sums sums, BlockSums& out) {
          rmsprop_block(w[t] + begin, g[t] + begin, square[t] + begin, at_or_null(average, t, begin),
                        at_or_null(velocity, t, begin), count, constants(t), sums, out);
        });
  });
}

}  // namespace nap::kernels
