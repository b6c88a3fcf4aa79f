#include "multi_tensor.h"

#include "parallel.h"

#include <ATen/Parallel.h>

#include <atomic>
#include <cmath>
#include <memory>
#include <thread>

namespace nap::kernels {
namespace {

constexpr double not_measured = std::numeric_limits<double>::quiet_NaN();

int64_t block_count(int64_t elements) { return (elements + block_size - 1) / block_size; }

/// One item of the region: update a block, or rescale it when its group's norm is known.
struct Item {
  int32_t tensor;
  bool rescale;
  int64_t block;
};

enum class Verdict : int { pending, rescale, leave };

/// A group's state while the region runs.
struct Group {
  std::vector<int64_t> members;
  std::atomic<int64_t> blocks_left{0};
  std::atomic<Verdict> verdict{Verdict::pending};
  double norm = not_measured, factor = 1;
};

/// Updates of all tensors in order; a group's rescalings come a little after its last update, so that
/// threads need not wait for one another and the weights are still in cache.
std::vector<Item> schedule(Tensors parameters, const Projection& projection,
                           const std::vector<int64_t>& last_member,
                           const std::vector<std::vector<int64_t>>& members) {
  const int64_t lag = 2 * at::get_num_threads();
  std::vector<Item> items;
  std::vector<std::pair<size_t, int64_t>> waiting;  // (earliest place, group)
  size_t first_waiting = 0;
  const auto append = [&](int64_t tensor, bool rescale) {
    const int64_t blocks = block_count(parameters[tensor].numel());
    // The blocks updated last are the likeliest to be in cache still: rescale them first.
    for (int64_t b = 0; b < blocks; ++b)
      items.push_back({static_cast<int32_t>(tensor), rescale, rescale ? blocks - 1 - b : b});
  };
  const auto flush = [&](bool all) {
    for (; first_waiting < waiting.size(); ++first_waiting) {
      const auto [place, group] = waiting[first_waiting];
      if (!all && items.size() < place) return;
      const auto& tensors = members[group];
      for (auto it = tensors.rbegin(); it != tensors.rend(); ++it) append(*it, true);
    }
  };
  for (int64_t tensor = 0; tensor < static_cast<int64_t>(parameters.size()); ++tensor) {
    append(tensor, false);
    const int64_t group = projection.group.empty() ? -1 : projection.group[tensor];
    if (group >= 0 && last_member[group] == tensor) waiting.emplace_back(items.size() + lag, group);
    flush(false);
  }
  flush(true);
  return items;
}

}  // namespace

template <typename T>
Report update_and_project(Tensors parameters, const Projection& projection, bool measure,
                          UpdateBlock update) {
  const int64_t tensor_count = parameters.size(), group_count = projection.radius.size();
  std::vector<int64_t> first_block(tensor_count + 1, 0);
  std::vector<T*> data(tensor_count);
  std::vector<int64_t> elements(tensor_count);
  for (int64_t t = 0; t < tensor_count; ++t) {
    elements[t] = parameters[t].numel();
    first_block[t + 1] = first_block[t] + block_count(elements[t]);
    data[t] = parameters[t].template mutable_data_ptr<T>();
  }
  const auto groups = std::make_unique<Group[]>(group_count);
  std::vector<std::vector<int64_t>> members(group_count);
  std::vector<int64_t> last_member(group_count, -1);
  for (int64_t t = 0; t < tensor_count && !projection.group.empty(); ++t) {
    const int64_t g = projection.group[t];
    if (g < 0) continue;
    members[g].push_back(t);
    last_member[g] = t;
    groups[g].blocks_left += first_block[t + 1] - first_block[t];
  }
  std::vector<BlockSums> sums(first_block[tensor_count]);

  const auto judge = [&](int64_t g) {
    double square = 0;
    for (int64_t t : members[g])
      for (int64_t b = first_block[t]; b < first_block[t + 1]; ++b) square += sums[b].new_square;
    groups[g].norm = std::sqrt(square);
    groups[g].factor = projection.radius[g] / groups[g].norm;
    const bool sound = std::isfinite(groups[g].norm) && groups[g].norm > 0;
    groups[g].verdict.store(sound ? Verdict::rescale : Verdict::leave, std::memory_order_release);
  };
  const auto items = schedule(parameters, projection, last_member, members);
  parallel(items.size(), [&](int64_t i) {
    const Item item = items[i];
    const int64_t t = item.tensor, g = projection.group.empty() ? -1 : projection.group[t];
    const int64_t begin = item.block * block_size;
    const int64_t count = std::min(block_size, elements[t] - begin);
    if (!item.rescale) {
      const Sums wanted = measure ? Sums::all : g >= 0 ? Sums::norm : Sums::none;
      update(t, begin, count, wanted, sums[first_block[t] + item.block]);
      if (g >= 0 && groups[g].blocks_left.fetch_sub(1, std::memory_order_acq_rel) == 1) judge(g);
      return;
    }
    // All updates of the group were handed out before this item: their threads are at work.
    Verdict verdict;
    while ((verdict = groups[g].verdict.load(std::memory_order_acquire)) == Verdict::pending)
      std::this_thread::yield();
    if (verdict == Verdict::rescale)
      scale_block(data[t] + begin, static_cast<T>(groups[g].factor), count);
  });

  // Autograd must notice that a graph built on the old values is stale.
  for (const at::Tensor& parameter : parameters) parameter.unsafeGetTensorImpl()->bump_version();
  Report report;
  for (int64_t g = 0; g < group_count; ++g) {
    if (groups[g].verdict == Verdict::pending) judge(g);  // a group of empty tensors: norm 0
    report.norm_before.push_back(groups[g].norm);
    if (report.failed_group < 0 && groups[g].verdict == Verdict::leave) report.failed_group = g;
  }
  for (int64_t t = 0; t < tensor_count && measure; ++t) {
    BlockSums total;
    for (int64_t b = first_block[t]; b < first_block[t + 1]; ++b) {
      total.old_square += sums[b].old_square;
      total.update_square += sums[b].update_square;
      total.old_dot_update += sums[b].old_dot_update;
    }
    report.old_square.push_back(total.old_square);
    report.update_square.push_back(total.update_square);
    report.old_dot_update.push_back(total.old_dot_update);
  }
  return report;
}

template Report update_and_project<float>(Tensors, const Projection&, bool, UpdateBlock);
template Report update_and_project<double>(Tensors, const Projection&, bool, UpdateBlock);

}  // namespace nap::kernels
