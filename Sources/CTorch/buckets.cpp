// Gradients in buckets, each summed over the processes as soon as a backward pass has filled it (Li et al. 2020, PyTorch
// Distributed, section 3.2). c10d's own reducer listens to accumulation into `grad`, which nothing here uses.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <optional>

#include "processes.h"

namespace nap {

thread_local bool is_recomputing = false;

namespace {

struct Buckets {
  struct Bucket {
    at::Tensor flat;
    size_t leaf_count = 0;
    size_t filled = 0;
    std::optional<Pending> sum;
  };
  struct Leaf {
    at::Tensor tensor;
    size_t bucket = 0;
    int64_t offset = 0;
    unsigned hook = 0;
    bool is_filled = false;
  };

  Group &group;
  std::vector<Leaf> leaves;
  std::vector<Bucket> buckets;
  std::vector<at::Tensor> earlier;
  /// Buckets whose sums are under way: their order is the same in every process, whatever order they were filled in.
  size_t started = 0;
  bool is_listening = false;
  std::string failure;

  Buckets(Group &group, const std::vector<at::Tensor> &tensors, size_t first_bytes, size_t most_bytes) : group(group) {
    leaves.resize(tensors.size());
    // Backward passes come to the last layers first.
    std::vector<int64_t> lengths;
    size_t limit = first_bytes;
    for (size_t i = tensors.size(); i-- > 0;) {
      const auto &tensor = tensors[i];
      const bool fits = !buckets.empty() && buckets.back().flat.scalar_type() == tensor.scalar_type() &&
                        static_cast<size_t>(lengths.back() + tensor.numel()) * tensor.element_size() <= limit;
      if (!fits) {
        if (!buckets.empty()) limit = most_bytes;
        buckets.emplace_back();
        buckets.back().flat = at::empty({0}, tensor.options().requires_grad(false));
        lengths.push_back(0);
      }
      leaves[i].tensor = tensor;
      leaves[i].bucket = buckets.size() - 1;
      leaves[i].offset = lengths.back();
      lengths.back() += tensor.numel();
      buckets.back().leaf_count++;
    }
    for (size_t i = 0; i < buckets.size(); i++) buckets[i].flat = at::zeros({lengths[i]}, buckets[i].flat.options());
  }

  at::Tensor view(const Leaf &leaf) const {
    return buckets[leaf.bucket].flat.narrow(0, leaf.offset, leaf.tensor.numel()).view(leaf.tensor.sizes());
  }

  void begin(std::vector<at::Tensor> sums) {
    earlier = std::move(sums);
    failure.clear();
    started = 0;
    for (auto &bucket : buckets) {
      bucket.filled = 0;
      bucket.sum.reset();
    }
    for (auto &leaf : leaves) leaf.is_filled = false;
    is_listening = true;
  }

  void fill(size_t index, const at::Tensor &gradient) {
    auto &leaf = leaves[index];
    if (leaf.is_filled) return;
    leaf.is_filled = true;
    at::AutoGradMode off(false);
    auto place = view(leaf);
    if (gradient.defined()) {
      place.copy_(gradient);
      if (!earlier.empty()) place.add_(earlier[index]);
    } else if (!earlier.empty()) {
      place.copy_(earlier[index]);
    } else {
      place.zero_();
    }
    buckets[leaf.bucket].filled++;
    while (started < buckets.size() && buckets[started].filled == buckets[started].leaf_count) {
      buckets[started].sum.emplace(all_reduce(group, buckets[started].flat));
      started++;
    }
  }

  /// From a backward pass, in which an exception would end in another thread's words.
  void heard(size_t index, const at::TensorBase &gradient) noexcept {
    if (!is_listening || is_recomputing || !failure.empty()) return;
    try {
      fill(index, at::Tensor(gradient));
    } catch (const std::exception &error) {
      failure = error.what();
    }
  }

  void end() {
    is_listening = false;
    TORCH_CHECK(failure.empty(), failure);
    for (size_t i = leaves.size(); i-- > 0;) fill(i, at::Tensor());
    earlier.clear();
  }

  bool wait(double seconds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    for (auto &bucket : buckets) {
      const std::chrono::duration<double> left = deadline - std::chrono::steady_clock::now();
      if (bucket.sum && !bucket.sum->wait(std::max(0.0, left.count()))) return false;
    }
    return true;
  }
};

using Shared = std::shared_ptr<Buckets>;
Shared &shared(nap_buckets handle) { return *reinterpret_cast<Shared *>(handle); }

}  // namespace
}  // namespace nap

using nap::guarded;

int nap_buckets_create(nap_group group, const nap_tensor *leaves, nap_int count, size_t first_bytes, size_t bytes,
                       nap_buckets *out) {
  return guarded([&] {
    const auto tensors = nap::tensors(leaves, count);
    auto buckets = std::make_shared<nap::Buckets>(nap::required_group(group), tensors, first_bytes, bytes);
    for (size_t i = 0; i < tensors.size(); i++) {
      buckets->leaves[i].hook =
          tensors[i].register_hook([weak = std::weak_ptr<nap::Buckets>(buckets), i](const at::TensorBase &gradient) {
            if (const auto alive = weak.lock()) alive->heard(i, gradient);
          });
    }
    *out = reinterpret_cast<nap_buckets>(new nap::Shared(std::move(buckets)));
  });
}

void nap_buckets_free(nap_buckets buckets) {
  (void)guarded([&] {
    for (const auto &leaf : nap::shared(buckets)->leaves) leaf.tensor.remove_hook(leaf.hook);
  });
  delete &nap::shared(buckets);
}

int nap_buckets_begin(nap_buckets buckets, const nap_tensor *earlier) {
  return guarded([&] {
    auto &all = *nap::shared(buckets);
    all.begin(earlier ? nap::tensors(earlier, static_cast<nap_int>(all.leaves.size())) : std::vector<at::Tensor>());
  });
}

int nap_buckets_end(nap_buckets buckets) { return guarded([&] { nap::shared(buckets)->end(); }); }

int nap_buckets_wait(nap_buckets buckets, double seconds, bool *is_done) {
  return guarded([&] { *is_done = nap::shared(buckets)->wait(seconds); });
}

int nap_buckets_take(nap_buckets buckets, nap_tensor *out) {
  return guarded([&] {
    const auto &all = *nap::shared(buckets);
    for (size_t i = 0; i < all.leaves.size(); i++) out[i] = nap::give(all.view(all.leaves[i]));
  });
}
