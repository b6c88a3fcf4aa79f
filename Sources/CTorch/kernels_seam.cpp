// The C side of the fused kernels.
#include "include/nap_kernels.h"

#include <algorithm>

#include "kernels/kernels.h"
#include "kernels/parallel.h"
#include "seam.h"

namespace {

using namespace nap::kernels;

Projection projection_of(nap_projection from, nap_int count) {
  if (from.radius_count == 0) return {};
  auto groups = nap::ints(from.group, count);
  return {at::ArrayRef<int64_t>(groups.data(), groups.size()),
          at::ArrayRef<double>(from.radius, static_cast<size_t>(from.radius_count))};
}

Step step_of(nap_step from, nap_int count) {
  Step step;
  step.learning_rate = from.learning_rate;
  step.gradient_scale = from.gradient_scale;
  step.clip_scale = nap::optional_tensor(from.clip_scale).value_or(at::Tensor());
  step.weight_decay = from.weight_decay;
  step.device_rate = nap::optional_tensor(from.device_rate).value_or(at::Tensor());
  step.device_updates = nap::optional_tensor(from.device_updates).value_or(at::Tensor());
  step.measure = step.read_back = from.measure;
  if (from.rate_factor) step.rate_factor = {from.rate_factor, static_cast<size_t>(count)};
  return step;
}

void give_report(const Report &from, nap_report *to) {
  if (to->norm_before) std::copy(from.norm_before.begin(), from.norm_before.end(), to->norm_before);
  if (to->old_square) {
    std::copy(from.old_square.begin(), from.old_square.end(), to->old_square);
    std::copy(from.update_square.begin(), from.update_square.end(), to->update_square);
    std::copy(from.old_dot_update.begin(), from.old_dot_update.end(), to->old_dot_update);
  }
  to->failed_group = static_cast<nap_int>(from.failed_group);
}

std::vector<at::Tensor> list(const nap_tensor *handles, nap_int count) {
  return handles ? nap::tensors(handles, count) : std::vector<at::Tensor>();
}

}  // namespace

int nap_kernel_adam(const nap_tensor *parameters, const nap_tensor *gradients, const nap_tensor *means,
                    const nap_tensor *squares, nap_int count, double beta1, double beta2, double epsilon,
                    nap_int update, bool decoupled, nap_step step, nap_projection projection,
                    nap_report *report) {
  return nap::guarded([&] {
    Adam adam;
    adam.beta1 = beta1;
    adam.beta2 = beta2;
    adam.epsilon = epsilon;
    adam.update = update;
    adam.decoupled = decoupled;
    give_report(adam_project_(list(parameters, count), list(gradients, count), list(means, count),
                              list(squares, count), adam, step_of(step, count), projection_of(projection, count)),
                report);
  });
}

int nap_kernel_sgd(const nap_tensor *parameters, const nap_tensor *gradients, const nap_tensor *velocities,
                   nap_int count, double momentum, double dampening, bool nesterov, nap_int update,
                   nap_step step, nap_projection projection, nap_report *report) {
  return nap::guarded([&] {
    Sgd sgd;
    sgd.momentum = momentum;
    sgd.dampening = dampening;
    sgd.nesterov = nesterov;
    sgd.update = update;
    give_report(sgd_project_(list(parameters, count), list(gradients, count), list(velocities, count), sgd,
                             step_of(step, count), projection_of(projection, count)),
                report);
  });
}

int nap_kernel_rmsprop(const nap_tensor *parameters, const nap_tensor *gradients, const nap_tensor *squares,
                       const nap_tensor *averages, const nap_tensor *velocities, nap_int count, double alpha,
                       double epsilon, double momentum, nap_step step, nap_projection projection,
                       nap_report *report) {
  return nap::guarded([&] {
    RmsProp rmsprop;
    rmsprop.alpha = alpha;
    rmsprop.epsilon = epsilon;
    rmsprop.momentum = momentum;
    give_report(rmsprop_project_(list(parameters, count), list(gradients, count), list(squares, count),
                                 list(averages, count), list(velocities, count), rmsprop, step_of(step, count),
                                 projection_of(projection, count)),
                report);
  });
}

int nap_kernel_turn(const nap_tensor *parameters, const nap_tensor *directions, nap_int count, nap_step step,
                    nap_projection projection, nap_report *report) {
  return nap::guarded([&] {
    give_report(turn_(list(parameters, count), list(directions, count), step_of(step, count),
                      projection_of(projection, count)),
                report);
  });
}

int nap_kernel_project(const nap_tensor *parameters, nap_int count, nap_projection projection, bool read_back,
                       nap_report *report) {
  return nap::guarded([&] {
    give_report(project_(list(parameters, count), projection_of(projection, count), read_back), report);
  });
}

int nap_kernel_clip_scale(const nap_tensor *gradients, nap_int count, double limit, nap_tensor *out) {
  return nap::guarded([&] { *out = nap::give(clip_scale(list(gradients, count), limit)); });
}

int nap_kernel_square_sums(const nap_tensor *tensors, nap_int count, double *sums) {
  return nap::guarded([&] {
    auto result = square_sums(list(tensors, count));
    std::copy(result.begin(), result.end(), sums);
  });
}

int nap_kernel_norm_rectifier(nap_tensor input, nap_tensor scale, nap_tensor offset, int kind,
                              nap_int normalized_size, double epsilon, double slope, nap_tensor *out) {
  return nap::guarded([&] {
    NormRelu options;
    options.kind = kind == 0 ? NormKind::layer : NormKind::rms;
    options.normalized_size = normalized_size;
    options.epsilon = epsilon;
    options.slope = slope;
    *out = nap::give(norm_relu(nap::required(input), nap::optional_tensor(scale), nap::optional_tensor(offset), options));
  });
}

int nap_kernel_linear(nap_tensor input, nap_tensor weight, nap_tensor bias, nap_tensor *out) {
  return nap::guarded([&] {
    *out = nap::give(linear(nap::required(input), nap::required(weight), nap::optional_tensor(bias)));
  });
}

int nap_kernel_noisy_linear(nap_tensor input, nap_tensor weight, nap_tensor deviation, nap_tensor input_factors,
                            nap_tensor output_factors, nap_tensor bias, bool fused, nap_tensor *out) {
  return nap::guarded([&] {
    const NoisyLinear layer{nap::required(weight), nap::required(deviation), nap::required(input_factors),
                            nap::required(output_factors), nap::optional_tensor(bias)};
    *out = nap::give((fused ? noisy_linear : noisy_linear_unfused)(nap::required(input), layer));
  });
}

int nap_kernel_noise_factors(nap_int count, nap_generator generator, nap_tensor *out) {
  return nap::guarded([&] { *out = nap::give(noise_factors(count, nap::required_generator(generator))); });
}

int nap_kernel_convolution(nap_tensor input, nap_tensor weight, nap_tensor bias, const nap_int *stride,
                           const nap_int *padding, nap_int groups, nap_tensor *out) {
  return nap::guarded([&] {
    *out = nap::give(convolution(nap::required(input), nap::required(weight), nap::optional_tensor(bias),
                                 {stride[0], stride[1]}, {padding[0], padding[1]}, groups));
  });
}

int nap_kernel_thread_count(int *count) {
  return nap::guarded([&] { *count = static_cast<int>(threads_at_work(100)); });
}

void nap_configure_allocator(void) { configure_allocator(); }
