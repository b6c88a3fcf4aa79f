// The same results by libtorch's own operators: other devices, other dtypes.
#include "operators.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/full.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/cat.h>

#include <algorithm>
#include <cmath>

namespace nap::kernels {
namespace {

/// The dtype of sums: float64 where the device has it.
at::ScalarType wide(const at::Tensor& tensor) { return tensor.is_mps() ? at::kFloat : at::kDouble; }

bool uniform(Tensors tensors) {
  return std::all_of(tensors.begin(), tensors.end(), [&](const at::Tensor& tensor) {
    return tensor.scalar_type() == tensors[0].scalar_type() && tensor.device() == tensors[0].device();
  });
}

/// Norms of all tensors as one vector on the first tensor's device.
at::Tensor norms(Tensors tensors) {
  const auto type = wide(tensors[0]);
  if (uniform(tensors)) return at::stack(at::_foreach_norm(tensors, 2, type));
  std::vector<at::Tensor> each;
  for (const at::Tensor& tensor : tensors)
    each.push_back(tensor.to(type).norm().to(tensors[0].device(), type));
  return at::stack(each);
}

/// How many `KeepsNumbers` live.
thread_local int keeps_numbers = 0;

/// Numbers of the host on a device. What was moved lately is kept: target norms and groups are the same at every
/// update.
template <typename T>
at::Tensor resident(at::ArrayRef<T> values, at::ScalarType type, at::Device device) {
  if (device.is_cpu()) return at::tensor(values).to(type);
  struct Entry {
    std::vector<T> values;
    at::ScalarType type;
    at::Device device;
    at::Tensor tensor;
    bool stays;
  };
  static thread_local auto& kept = *new std::vector<Entry>;  // never freed: a device may be gone before the thread
  for (Entry& entry : kept) {
    if (entry.type != type || entry.device != device || at::ArrayRef<T>(entry.values) != values) continue;
    entry.stays |= keeps_numbers > 0;
    return entry.tensor;
  }
  const auto passing = [](const Entry& entry) { return !entry.stays; };
  if (std::count_if(kept.begin(), kept.end(), passing) == 32)
    kept.erase(std::find_if(kept.begin(), kept.end(), passing));
  kept.push_back({values.vec(), type, device, at::tensor(values).to(device, type), keeps_numbers > 0});
  return kept.back().tensor;
}

}  // namespace

KeepsNumbers::KeepsNumbers() { ++keeps_numbers; }
KeepsNumbers::~KeepsNumbers() { --keeps_numbers; }

at::Tensor Rate::on(const at::Tensor& weight, at::ScalarType type) const {
  // Rounded from the same float64 either way, so that a step that is replayed is the step that is not.
  return given.defined() ? given.to(weight.device(), type) : at::full({}, number, weight.options().dtype(type));
}

Rate rate_of(const Step& step, size_t tensor) {
  Rate rate{step.learning_rate, step.device_rate};
  if (step.rate_factor.empty()) return rate;
  rate.number *= step.rate_factor[tensor];
  if (rate.given.defined()) rate.given = rate.given * step.rate_factor[tensor];
  return rate;
}

std::vector<double> to_host(const at::Tensor& values) {
  const auto host = values.to(at::kCPU, at::kDouble).contiguous();
  return {const_elements<double>(host), const_elements<double>(host) + host.numel()};
}

void read_norms(const at::Tensor& norms, bool read_back, Report& report) {
  if (!read_back && !norms.is_cpu()) {
    report.norm_before.assign(norms.numel(), std::numeric_limits<double>::quiet_NaN());
    return;
  }
  report.norm_before = to_host(norms);
  for (size_t g = 0; g < report.norm_before.size() && report.failed_group < 0; ++g)
    if (!(std::isfinite(report.norm_before[g]) && report.norm_before[g] > 0))
      report.failed_group = static_cast<int64_t>(g);
}

std::vector<double> square_sums_by_operators(Tensors tensors) {
  if (tensors.empty()) return {};
  return to_host(norms(tensors).square());
}

at::Tensor clip_scale_by_operators(Tensors gradients, double limit) {
  const at::NoGradGuard no_grad;
  if (gradients.empty()) return at::scalar_tensor(1, at::kDouble);
  const auto norm = norms(gradients).square().sum().sqrt();
  return at::where(norm <= limit, at::scalar_tensor(1, norm.options()), limit / norm);
}

void project_by_operators(Tensors parameters, const Projection& projection, bool read_back,
                          bool all_or_nothing, Report& report) {
  const at::NoGradGuard no_grad;
  const int64_t groups = projection.radius.size();
  if (groups == 0) return;
  std::vector<at::Tensor> chosen;
  std::vector<int64_t> chosen_group;
  std::vector<std::vector<int64_t>> members(groups);
  for (size_t t = 0; t < parameters.size(); ++t) {
    const int64_t g = projection.group[t];
    if (g < 0) continue;
    members[g].push_back(chosen.size());
    chosen.push_back(parameters[t].detach());
    chosen_group.push_back(g);
  }
  const auto device = chosen[0].device();
  const auto type = wide(chosen[0]);

  // Squares gathered as a table of groups by members, padded with a zero: a sum in a fixed order.
  const auto squares = at::cat({norms(chosen).square(), at::zeros({1}, chosen[0].options().dtype(type))});
  size_t widest = 1;
  for (const auto& list : members) widest = std::max(widest, list.size());
  std::vector<int64_t> table;
  for (auto& list : members) {
    list.resize(widest, chosen.size());
    table.insert(table.end(), list.begin(), list.end());
  }
  const auto places = resident<int64_t>(table, at::kLong, device);
  const auto norm = squares.index_select(0, places)
                        .view({groups, static_cast<int64_t>(widest)}).sum(1).sqrt();
  auto sound = norm.isfinite().logical_and(norm > 0);
  if (all_or_nothing) sound = sound.all().expand_as(sound);
  const auto radius = resident<double>(projection.radius, type, device);
  const auto factor = at::where(sound, radius / norm, at::scalar_tensor(1, norm.options()));

  // Half-precision weights take a float32 factor: their own dtype could not tell it from one.
  const auto own = chosen[0].scalar_type();
  const auto factor_type = own == at::kDouble ? at::kDouble : at::kFloat;
  const auto factors = factor.to(factor_type).index_select(0, resident<int64_t>(chosen_group, at::kLong, device));
  if (uniform(chosen)) {
    at::_foreach_mul_(chosen, factors.unbind());
  } else {
    for (size_t i = 0; i < chosen.size(); ++i) {
      const auto each = static_cast<int64_t>(i);
      chosen[i].mul_(factors.select(0, each).to(chosen[i].device()));
    }
  }
  read_norms(norm, read_back, report);
}

Report step_by_operators(Tensors parameters, Tensors gradients, const Step& step,
                         const Projection& projection, const OperatorStep& update) {
  const at::NoGradGuard no_grad;
  Report report;
  std::vector<at::Tensor> weights, before, scaled;
  for (const at::Tensor& parameter : parameters) weights.push_back(parameter.detach());
  for (const at::Tensor& gradient : gradients) scaled.push_back(gradient.detach());
  if (weights.empty()) return report;
  if (step.gradient_scale != 1)
    for (at::Tensor& gradient : scaled) gradient = gradient * step.gradient_scale;
  if (step.clip_scale.defined())
    for (at::Tensor& gradient : scaled) {
      const auto scale = step.clip_scale.to(gradient.device());
      // A scalar on the gradients' device takes their dtype, in which a half's scale would be coarse.
      gradient = gradient.element_size() < 4 ? (gradient.to(at::kFloat) * scale).to(gradient.scalar_type())
                                             : gradient * scale;
    }
  if (step.measure)
    for (const at::Tensor& weight : weights) before.push_back(weight.to(wide(weight), false, true));
  if (uniform(weights) && step.rate_factor.empty()) {
    update(weights, scaled, 0, rate_of(step, 0));
  } else {
    for (size_t t = 0; t < weights.size(); ++t)
      update(at::TensorList(&weights[t], 1), at::TensorList(&scaled[t], 1), t, rate_of(step, t));
  }
  if (step.measure) {
    std::vector<at::Tensor> old_square, update_square, dot;
    for (size_t t = 0; t < weights.size(); ++t) {
      const auto change = weights[t].to(before[t].scalar_type()) - before[t];
      const auto home = weights[0].device();
      old_square.push_back(before[t].square().sum().to(home));
      update_square.push_back(change.square().sum().to(home));
      dot.push_back((before[t] * change).sum().to(home));
    }
    report.old_square = to_host(at::stack(old_square));
    report.update_square = to_host(at::stack(update_square));
    report.old_dot_update = to_host(at::stack(dot));
  }
  project_by_operators(weights, projection, step.read_back, false, report);
  return report;
}

}  // namespace nap::kernels
