// Fused kernels: optimizer steps that project, projection, normalization joined with its rectifier.
// The equations are in kernels/kernels.h.
#pragma once
#include "nap_core.h"

#ifdef __cplusplus
extern "C" {
#endif

/// What to rescale: per tensor an index into `radius` or -1, per group a Frobenius norm.
/// radius_count 0 projects nothing.
typedef struct {
  const nap_int *group;
  const double *radius;
  nap_int radius_count;
} nap_projection;

typedef struct {
  double learning_rate;
  double gradient_scale;
  /// A scalar by which gradients are multiplied, too; may be null. See nap_kernel_clip_scale.
  nap_tensor clip_scale;
  double weight_decay;
  /// Whether the report is wanted, for which devices other than the CPU are waited for.
  bool measure;
  /// Per tensor what the learning rate is multiplied by; null: 1 for each.
  const double *rate_factor;
  /// The learning rate (float64) and Adam's count of updates (float32) as scalars where the parameters are, in the place
  /// of the numbers; may be null. The CPU takes the numbers.
  nap_tensor device_rate;
  nap_tensor device_updates;
} nap_step;

/// Filled by the callee: norm_before per group; the squares per tensor when measured, else null.
typedef struct {
  double *norm_before;
  double *old_square;
  double *update_square;
  double *old_dot_update;
  nap_int failed_group;
} nap_report;

int nap_kernel_adam(const nap_tensor *parameters, const nap_tensor *gradients, const nap_tensor *means,
                    const nap_tensor *squares, nap_int count, double beta1, double beta2, double epsilon,
                    nap_int update, bool decoupled, nap_step step, nap_projection projection,
                    nap_report *report);
/// `velocities` is null when momentum is 0.
int nap_kernel_sgd(const nap_tensor *parameters, const nap_tensor *gradients, const nap_tensor *velocities,
                   nap_int count, double momentum, double dampening, bool nesterov, nap_int update,
                   nap_step step, nap_projection projection, nap_report *report);
/// `averages` is null unless centered, `velocities` when momentum is 0.
int nap_kernel_rmsprop(const nap_tensor *parameters, const nap_tensor *gradients, const nap_tensor *squares,
                       const nap_tensor *averages, const nap_tensor *velocities, nap_int count, double alpha,
                       double epsilon, double momentum, nap_step step, nap_projection projection,
                       nap_report *report);
/// W <- R n(W + rate R n(D)) for each group; every tensor belongs to one. Weight decay and gradient scale are of no
/// account.
int nap_kernel_turn(const nap_tensor *parameters, const nap_tensor *directions, nap_int count, nap_step step,
                    nap_projection projection, nap_report *report);
/// Nothing is changed when a norm is zero or not finite; failed_group then says which.
/// Without `read_back` norms and failures of devices other than the CPU stay unknown, and nothing waits for them.
int nap_kernel_project(const nap_tensor *parameters, nap_int count, nap_projection projection, bool read_back,
                       nap_report *report);
/// A scalar where the gradients are: 1, or what makes their joint norm `limit` where it is larger.
int nap_kernel_clip_scale(const nap_tensor *gradients, nap_int count, double limit, nap_tensor *out);
/// Per tensor the float64 sum of squares.
int nap_kernel_square_sums(const nap_tensor *tensors, nap_int count, double *sums);
/// kind 0 LayerNorm, 1 RMSNorm; slope 0 ReLU, 1 no activation. Differentiable once.
int nap_kernel_norm_rectifier(nap_tensor input, nap_tensor scale, nap_tensor offset, int kind,
                              nap_int normalized_size, double epsilon, double slope, nap_tensor *out);
/// x W^T + b over the last axis of x, by the quicker of libtorch's two libraries; differentiable any number of times.
int nap_kernel_linear(nap_tensor input, nap_tensor weight, nap_tensor bias, nap_tensor *out);
/// x (W + S * (o i^T))^T + bias; the bias may be null. Differentiable in x, W, S and bias, fused once, by operators any number of times.
int nap_kernel_noisy_linear(nap_tensor input, nap_tensor weight, nap_tensor deviation, nap_tensor input_factors,
                            nap_tensor output_factors, nap_tensor bias, bool fused, nap_tensor *out);
/// sign(x) sqrt(|x|) of `count` standard normals cut at +-2, float32, where the generator is.
int nap_kernel_noise_factors(nap_int count, nap_generator generator, nap_tensor *out);
/// conv2d of dilation 1; stride and padding are (vertical, horizontal). The bias may be null.
int nap_kernel_convolution(nap_tensor input, nap_tensor weight, nap_tensor bias, const nap_int *stride,
                           const nap_int *padding, nap_int groups, nap_tensor *out);
/// How many threads the kernels' work is spread over right now, by counting the ones that take part.
int nap_kernel_thread_count(int *count);

#ifdef __cplusplus
}
#endif
