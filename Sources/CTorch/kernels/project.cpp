// Projection and norms without an update.
#include "multi_tensor.h"
#include "operators.h"
#include "parallel.h"

#include <ATen/ops/scalar_tensor.h>
#include <c10/util/Exception.h>

#include <cmath>

namespace nap::kernels {
namespace {

struct Place {
  int64_t tensor, begin, count;
};

std::vector<Place> blocks(const std::vector<at::Tensor>& tensors) {
  std::vector<Place> places;
  for (size_t t = 0; t < tensors.size(); ++t)
    for (int64_t begin = 0; begin < tensors[t].numel(); begin += block_size)
      places.push_back({static_cast<int64_t>(t), begin, std::min(block_size, tensors[t].numel() - begin)});
  return places;
}

template <typename T>
std::vector<double> squares(const std::vector<at::Tensor>& tensors, const std::vector<Place>& places) {
  std::vector<double> partial(places.size()), total(tensors.size(), 0);
  std::vector<const T*> data;
  for (const at::Tensor& tensor : tensors) data.push_back(const_elements<T>(tensor));
  parallel(places.size(), [&](int64_t i) {
    partial[i] = square_sum_block(data[places[i].tensor] + places[i].begin, places[i].count);
  });
  for (size_t i = 0; i < places.size(); ++i) total[places[i].tensor] += partial[i];
  return total;
}

std::vector<double> squares(const std::vector<at::Tensor>& tensors, const std::vector<Place>& places) {
  return tensors[0].scalar_type() == at::kFloat ? squares<float>(tensors, places)
                                                : squares<double>(tensors, places);
}

template <typename T>
void rescale(const std::vector<at::Tensor>& tensors, const std::vector<Place>& places,
             const std::vector<double>& factors) {
  std::vector<T*> data;
  for (const at::Tensor& tensor : tensors) data.push_back(tensor.mutable_data_ptr<T>());
  const int64_t last = static_cast<int64_t>(places.size()) - 1;
  parallel(places.size(), [&](int64_t i) {
    const Place& place = places[last - i];  // what was read last is the likeliest to be in cache
    scale_block(data[place.tensor] + place.begin, static_cast<T>(factors[place.tensor]), place.count);
  });
  for (const at::Tensor& tensor : tensors) tensor.unsafeGetTensorImpl()->bump_version();
}

}  // namespace

std::vector<double> square_sums(Tensors tensors) {
  if (tensors.empty()) return {};
  std::vector<at::Tensor> dense;
  for (const at::Tensor& tensor : tensors) {
    TORCH_CHECK(tensor.defined(), "square_sums: tensor ", dense.size(), " is undefined");
    const auto own = tensor.detach();
    dense.push_back(own.is_non_overlapping_and_dense() ? own : own.contiguous());
  }
  return fits_loops(dense) ? squares(dense, blocks(dense)) : square_sums_by_operators(dense);
}

double sum_squares(Tensors tensors) {
  double total = 0;
  for (double square : square_sums(tensors)) total += square;
  return total;
}

at::Tensor clip_scale(Tensors gradients, double limit) {
  std::vector<at::Tensor> dense;
  for (const at::Tensor& gradient : gradients) dense.push_back(gradient.detach());
  if (!fits_loops(dense)) return clip_scale_by_operators(dense, limit);
  const double norm = std::sqrt(sum_squares(gradients));
  return at::scalar_tensor(norm <= limit ? 1 : limit / norm, at::kDouble);
}

Report project_(Tensors parameters, const Projection& projection, bool read_back) {
  check_projection(parameters.size(), projection);
  check_memory("project_", "parameters", parameters, parameters);
  Report report;
  std::vector<at::Tensor> chosen;
  std::vector<int64_t> group;
  for (size_t t = 0; t < parameters.size() && !projection.group.empty(); ++t) {
    if (projection.group[t] < 0) continue;
    chosen.push_back(parameters[t]);
    group.push_back(projection.group[t]);
  }
  if (chosen.empty()) return report;
  if (!fits_loops(chosen)) {
    project_by_operators(chosen, {group, projection.radius}, read_back, true, report);
    return report;
  }
  const auto places = blocks(chosen);
  const auto square = squares(chosen, places);
  report.norm_before.assign(projection.radius.size(), 0);
  for (size_t t = 0; t < chosen.size(); ++t) report.norm_before[group[t]] += square[t];
  for (size_t g = 0; g < report.norm_before.size(); ++g) {
    double& norm = report.norm_before[g];
    norm = std::sqrt(norm);
    const bool sound = std::isfinite(norm) && norm > 0;
    if (!sound && report.failed_group < 0) report.failed_group = static_cast<int64_t>(g);
  }
  if (report.failed_group >= 0) return report;
  std::vector<double> factors;
  for (int64_t g : group) factors.push_back(projection.radius[g] / report.norm_before[g]);
  if (chosen[0].scalar_type() == at::kFloat) {
    rescale<float>(chosen, places, factors);
  } else {
    rescale<double>(chosen, places, factors);
  }
  return report;
}

}  // namespace nap::kernels
