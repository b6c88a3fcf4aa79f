// Factors of noise by one call: a layer of an agent draws them anew for every action, and a call from Swift an operator costs
// more than most of the operators.
#include "kernels.h"

#include <ATen/ops/empty.h>

#include <cmath>

namespace nap::kernels {

at::Tensor noise_factors(int64_t count, const at::Generator& generator) {
  // erf(√2), the probability of a standard normal within ±2.
  constexpr double bound = 0.9544997361036416;
  const auto options = at::TensorOptions().dtype(at::kFloat).device(generator.device());
  const auto normal = at::empty({count}, options).uniform_(-bound, bound, generator).erfinv_();
  return normal.abs().mul_(std::sqrt(2.0)).sqrt_().copysign_(normal);
}

}  // namespace nap::kernels
