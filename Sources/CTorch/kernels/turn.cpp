// Hyperball's step: weights and their updates of fixed length.
#include "multi_tensor.h"
#include "operators.h"
#include "parallel.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>
#include <c10/util/Exception.h>

#include <cmath>

namespace nap::kernels {
namespace {

/// What a group does: W <- keep W + step D.
struct Turn {
  double keep = 1, step = 0, change = 0;  // change: what D is multiplied by before W returns to its norm
};

struct Place {
  int64_t tensor, block, begin, count;
};

/// From the sums of each tensor (`new_square` is of no account): every group's turn and the report.
std::vector<Turn> turns(const std::vector<BlockSums>& sums, const Step& step, const Projection& projection,
                        Report& report) {
  const size_t groups = projection.radius.size();
  std::vector<BlockSums> joint(groups);
  std::vector<double> rate(groups, -1);
  for (size_t t = 0; t < sums.size(); ++t) {
    const int64_t g = projection.group[t];
    joint[g].old_square += sums[t].old_square;
    joint[g].update_square += sums[t].update_square;
    joint[g].old_dot_update += sums[t].old_dot_update;
    if (rate[g] < 0) rate[g] = step.learning_rate * (step.rate_factor.empty() ? 1 : step.rate_factor[t]);
  }
  std::vector<Turn> result(groups);
  for (size_t g = 0; g < groups; ++g) {
    const double radius = projection.radius[g], length = std::sqrt(joint[g].update_square);
    Turn& turn = result[g];
    turn.change = length == 0 ? 0 : rate[g] * radius / length;
    const double square = joint[g].old_square + 2 * turn.change * joint[g].old_dot_update +
                          turn.change * turn.change * joint[g].update_square;
    const double norm = std::sqrt(std::max(square, 0.0));
    report.norm_before.push_back(norm);
    if (!(std::isfinite(norm) && norm > 0)) {
      if (report.failed_group < 0) report.failed_group = static_cast<int64_t>(g);
      turn = {};
      continue;
    }
    const bool rests = turn.change == 0 && std::abs(norm - radius) <= 1e-6 * radius;
    turn.keep = rests ? 1 : radius / norm;
    turn.step = turn.keep * turn.change;
  }
  for (size_t t = 0; t < sums.size() && step.measure; ++t) {
    const double change = result[projection.group[t]].change;
    report.old_square.push_back(sums[t].old_square);
    report.update_square.push_back(change * change * sums[t].update_square);
    report.old_dot_update.push_back(change * sums[t].old_dot_update);
  }
  return result;
}

template <typename T>
Report turn(Tensors parameters, const std::vector<at::Tensor>& directions, const Step& step,
            const Projection& projection) {
  std::vector<Place> places;
  std::vector<T*> weights;
  std::vector<const T*> changes;
  for (size_t t = 0; t < parameters.size(); ++t) {
    weights.push_back(parameters[t].template mutable_data_ptr<T>());
    changes.push_back(const_elements<T>(directions[t]));
    for (int64_t begin = 0; begin < parameters[t].numel(); begin += block_size)
      places.push_back({static_cast<int64_t>(t), static_cast<int64_t>(places.size()), begin,
                        std::min(block_size, parameters[t].numel() - begin)});
  }
  std::vector<BlockSums> partial(places.size()), sums(parameters.size());
  parallel(places.size(), [&](int64_t i) {
    const Place& at = places[i];
    pair_sums_block(weights[at.tensor] + at.begin, changes[at.tensor] + at.begin, at.count, partial[i]);
  });
  for (const Place& at : places) {
    sums[at.tensor].old_square += partial[at.block].old_square;
    sums[at.tensor].update_square += partial[at.block].update_square;
    sums[at.tensor].old_dot_update += partial[at.block].old_dot_update;
  }
  Report report;
  const auto turned = turns(sums, step, projection, report);
  const int64_t last = static_cast<int64_t>(places.size()) - 1;
  parallel(places.size(), [&](int64_t i) {
    const Place& at = places[last - i];  // what was read last is the likeliest to be in cache
    const Turn& own = turned[projection.group[at.tensor]];
    if (own.keep == 1 && own.step == 0) return;
    combine_block(weights[at.tensor] + at.begin, changes[at.tensor] + at.begin, static_cast<T>(own.keep),
                  static_cast<T>(own.step), at.count);
  });
  for (const at::Tensor& parameter : parameters) parameter.unsafeGetTensorImpl()->bump_version();
  return report;
}

}  // namespace

Report turn_by_operators(Tensors parameters, Tensors directions, const Step& step,
                         const Projection& projection) {
  const at::NoGradGuard no_grad;
  const auto wide = [](const at::Tensor& tensor) { return tensor.to(tensor.is_mps() ? at::kFloat : at::kDouble); };
  const auto home = parameters[0].device();
  struct Group {
    at::Tensor old_square, update_square, dot, keep, step, change, sound;
    at::Tensor rate;
  };
  std::vector<Group> groups(projection.radius.size());
  std::vector<at::Tensor> old_square, update_square, dot, norms;
  const auto add = [](at::Tensor& total, const at::Tensor& more) { total = total.defined() ? total + more : more; };
  for (size_t t = 0; t < parameters.size(); ++t) {
    const auto weight = wide(parameters[t].detach()), change = wide(directions[t].detach());
    old_square.push_back(weight.square().sum().to(home));
    update_square.push_back(change.square().sum().to(home));
    dot.push_back((weight * change).sum().to(home));
    Group& group = groups[projection.group[t]];
    add(group.old_square, old_square[t]);
    add(group.update_square, update_square[t]);
    add(group.dot, dot[t]);
    if (!group.rate.defined()) group.rate = rate_of(step, t).on(old_square[t], old_square[t].scalar_type());
  }
  for (size_t g = 0; g < groups.size(); ++g) {
    Group& group = groups[g];
    const double radius = projection.radius[g];
    const auto zero = at::zeros_like(group.old_square), one = at::ones_like(group.old_square);
    group.change = at::where(group.update_square == 0, zero, (group.rate * radius) / group.update_square.sqrt());
    const auto norm = (group.old_square + 2 * group.change * group.dot +
                       group.change * group.change * group.update_square).clamp_min(0).sqrt();
    group.sound = norm.isfinite().logical_and(norm > 0);
    group.change = at::where(group.sound, group.change, zero);
    const auto rests = (group.change == 0).logical_and((norm - radius).abs() <= 1e-6 * radius);
    group.keep = at::where(rests, one, radius / norm);
    group.step = group.keep * group.change;
    norms.push_back(norm);
  }
  for (size_t t = 0; t < parameters.size(); ++t) {
    const Group& group = groups[projection.group[t]];
    const auto weight = parameters[t].detach(), old = wide(weight);
    const auto at_home = [&](const at::Tensor& value) { return value.to(weight.device()); };
    const auto turned = old * at_home(group.keep) + wide(directions[t].detach()) * at_home(group.step);
    weight.copy_(at::where(at_home(group.sound), turned, old));
  }
  Report report;
  read_norms(at::stack(norms), step.read_back, report);
  if (!step.measure) return report;
  for (size_t t = 0; t < parameters.size(); ++t) {
    const auto change = groups[projection.group[t]].change;
    update_square[t] = change * change * update_square[t];
    dot[t] = change * dot[t];
  }
  report.old_square = to_host(at::stack(old_square));
  report.update_square = to_host(at::stack(update_square));
  report.old_dot_update = to_host(at::stack(dot));
  return report;
}

Report turn_(Tensors parameters, Tensors directions, const Step& step, const Projection& projection) {
  const char* kernel = "turn_";
  check_projection(parameters.size(), projection);
  check_rates(kernel, parameters.size(), step);
  check_memory(kernel, "parameters", parameters, parameters);
  check_list(kernel, "directions", parameters, directions);
  if (parameters.empty()) return {};
  TORCH_CHECK(projection.group.size() == parameters.size(), kernel, ": expected a group for each of ",
              parameters.size(), " tensors, found ", projection.group.size());
  for (int64_t g : projection.group) TORCH_CHECK(g >= 0, kernel, ": every tensor must belong to a group");
  if (!fits_loops(parameters)) return turn_by_operators(parameters, directions, step, projection);
  const auto laid_out = laid_out_like(parameters, directions);
  return parameters[0].scalar_type() == at::kFloat ? turn<float>(parameters, laid_out, step, projection)
                                                   : turn<double>(parameters, laid_out, step, projection);
}

}  // namespace nap::kernels
