// Stores and process groups of c10d. The one file that includes Gloo's headers, for the sake of c10d's own; it touches no
// object of Gloo, since libtorch carries a later Gloo than the headers are of.
#if __has_include(<gloo/context.h>)
#define USE_C10D_GLOO 1
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif
#include <ATen/ATen.h>
#include <c10/util/Logging.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <cstdlib>

#include "nccl.h"
#include "processes.h"

namespace {

using StorePointer = c10::intrusive_ptr<c10d::Store>;

c10d::Store &store_of(nap_store handle) {
  TORCH_CHECK(handle, "a store was required, and there is none");
  return **reinterpret_cast<StorePointer *>(handle);
}
/// c10d tells of every try of a connection; what fails is an error of ours.
void be_quiet() {
  static const bool once = [] {
    setenv("TORCH_CPP_LOG_LEVEL", "FATAL", 0);
    c10::initLogging();
    return true;
  }();
  (void)once;
}
nap_store give(StorePointer store) { return reinterpret_cast<nap_store>(new StorePointer(std::move(store))); }
std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1e3));
}
nap_work give(nap::Pending pending) { return reinterpret_cast<nap_work>(new nap::Pending(std::move(pending))); }

/// Far longer than anything waits: whoever waits decides when it was too long, since it knows who is missing.
constexpr auto kForever = std::chrono::hours(24 * 30);

template <class Options> Options patient() {
  Options options;
  options.timeout = kForever;
  return options;
}

/// The sum over the processes, whose gradient is the sum of the gradients.
struct AllReduced : torch::autograd::Function<AllReduced> {
  static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &input, int64_t group,
                            double seconds) {
    context->saved_data["group"] = group;
    context->saved_data["seconds"] = seconds;
    return sum(input, group, seconds);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                 const torch::autograd::variable_list &gradients) {
    TORCH_CHECK(!at::GradMode::is_enabled(), "a sum over processes has no second derivative");
    return {sum(gradients[0], context->saved_data["group"].toInt(), context->saved_data["seconds"].toDouble()),
            at::Tensor(), at::Tensor()};
  }
  static at::Tensor sum(const at::Tensor &input, int64_t group, double seconds) {
    auto result = input.contiguous().clone();
    TORCH_CHECK(nap::all_reduce(*reinterpret_cast<nap::Group *>(group), result).wait(seconds),
                "the other processes took more than ", seconds, " s");
    return result;
  }
};

}  // namespace

namespace nap {

Nccl &Group::on(at::Device device) {
  if (!nccl) {
    nccl = std::make_shared<Nccl>(rank, size, device, [&](at::Tensor id) { return broadcast(*this, std::move(id), 0); });
  }
  TORCH_CHECK(nccl->device() == device, "this process's group works on ", nccl->device(), ", and a tensor lies on ", device);
  return *nccl;
}

Pending broadcast(Group &group, at::Tensor tensor, int root) {
  if (tensor.is_cuda()) return group.on(tensor.device()).broadcast(std::move(tensor), root);
  auto options = patient<c10d::BroadcastOptions>();
  options.rootRank = root;
  std::vector<at::Tensor> tensors{std::move(tensor)};
  return Pending(group.backend->broadcast(tensors, options));
}

Pending all_reduce(Group &group, at::Tensor tensor, c10d::ReduceOp::RedOpType operation) {
  if (tensor.is_cuda()) return group.on(tensor.device()).all_reduce(std::move(tensor), operation);
  auto options = patient<c10d::AllreduceOptions>();
  options.reduceOp = operation;
  std::vector<at::Tensor> tensors{std::move(tensor)};
  return Pending(group.backend->allreduce(tensors, options));
}

}  // namespace nap

using nap::guarded;
using nap::required;

int nap_store_tcp(const char *host, int port, bool serves, double seconds, nap_store *out, int *bound) {
  return guarded([&] {
    be_quiet();
    c10d::TCPStoreOptions options;
    options.port = static_cast<std::uint16_t>(port);
    options.isServer = serves;
    options.waitWorkers = false;
    options.timeout = milliseconds(seconds);
    auto store = c10::make_intrusive<c10d::TCPStore>(host, options);
    *bound = store->getPort();
    *out = give(StorePointer(std::move(store)));
  });
}

int nap_store_file(const char *path, double seconds, nap_store *out) {
  return guarded([&] {
    StorePointer store = c10::make_intrusive<c10d::FileStore>(path, -1);
    store->setTimeout(milliseconds(seconds));
    *out = give(std::move(store));
  });
}

int nap_store_prefixed(nap_store store, const char *prefix, nap_store *out) {
  return guarded([&] {
    store_of(store);
    *out = give(StorePointer(c10::make_intrusive<c10d::PrefixStore>(prefix, *reinterpret_cast<StorePointer *>(store))));
  });
}

void nap_store_free(nap_store store) { delete reinterpret_cast<StorePointer *>(store); }

int nap_store_set(nap_store store, const char *key, const void *bytes, size_t count) {
  return guarded([&] {
    const auto *first = static_cast<const uint8_t *>(bytes);
    store_of(store).set(key, std::vector<uint8_t>(first, first + count));
  });
}

int nap_store_get(nap_store store, const char *key, nap_tensor *out) {
  return guarded([&] {
    const auto bytes = store_of(store).get(key);
    auto result = at::empty({static_cast<int64_t>(bytes.size())}, at::kByte);
    std::copy(bytes.begin(), bytes.end(), result.mutable_data_ptr<uint8_t>());
    *out = nap::give(result);
  });
}

int nap_store_has(nap_store store, const char *key, bool *has) {
  return guarded([&] { *has = store_of(store).check({key}); });
}

int nap_store_add(nap_store store, const char *key, int64_t number, int64_t *sum) {
  return guarded([&] { *sum = store_of(store).add(key, number); });
}

const char *nap_nccl_problem(void) { return nap::nccl_problem().c_str(); }

#ifdef USE_C10D_GLOO
bool nap_processes_are_built(void) { return true; }

int nap_group_gloo(nap_store store, int rank, int size, double seconds, nap_group *out) {
  return guarded([&] {
    store_of(store);
    auto options = c10d::ProcessGroupGloo::Options::create(milliseconds(seconds));
    options->devices.push_back(c10d::ProcessGroupGloo::createDefaultDevice());
    auto backend = c10::make_intrusive<c10d::ProcessGroupGloo>(*reinterpret_cast<StorePointer *>(store), rank, size, options);
    *out = reinterpret_cast<nap_group>(new nap::Group{std::move(backend), rank, size});
  });
}
#else
bool nap_processes_are_built(void) { return false; }

int nap_group_gloo(nap_store, int, int, double, nap_group *) {
  return guarded([&] { TORCH_CHECK(false, "this build has no process groups: Gloo's headers (libgloo-dev) were missing"); });
}
#endif

void nap_group_free(nap_group group) { delete reinterpret_cast<nap::Group *>(group); }

int nap_group_all_reduce(nap_group group, nap_tensor tensor, int operation, nap_work *out) {
  return guarded([&] {
    const auto kind = operation == 1 ? c10d::ReduceOp::MIN : operation == 2 ? c10d::ReduceOp::MAX : c10d::ReduceOp::SUM;
    *out = give(nap::all_reduce(nap::required_group(group), required(tensor), kind));
  });
}

int nap_group_broadcast(nap_group group, nap_tensor tensor, int root, nap_work *out) {
  return guarded([&] { *out = give(nap::broadcast(nap::required_group(group), required(tensor), root)); });
}

int nap_group_all_gather(nap_group group, nap_tensor output, nap_tensor input, nap_work *out) {
  return guarded([&] {
    auto &processes = nap::required_group(group);
    if (required(input).is_cuda()) {
      *out = give(processes.on(required(input).device()).all_gather(required(output), required(input)));
      return;
    }
    std::vector<at::Tensor> inputs{required(input)};
    std::vector<std::vector<at::Tensor>> outputs{required(output).unbind(0)};
    TORCH_CHECK(outputs[0].size() == static_cast<size_t>(processes.size), "the output has ", outputs[0].size(),
                " parts for ", processes.size, " processes");
    *out = give(nap::Pending(processes.backend->allgather(outputs, inputs, patient<c10d::AllgatherOptions>())));
  });
}

int nap_work_wait(nap_work work, double seconds, bool *is_done) {
  return guarded([&] { *is_done = reinterpret_cast<nap::Pending *>(work)->wait(seconds); });
}

void nap_work_free(nap_work work) { delete reinterpret_cast<nap::Pending *>(work); }

int nap_all_reduced(nap_group group, nap_tensor tensor, double seconds, nap_tensor *out) {
  return guarded([&] {
    auto &processes = nap::required_group(group);
    *out = nap::give(AllReduced::apply(required(tensor), reinterpret_cast<int64_t>(&processes), seconds));
  });
}
