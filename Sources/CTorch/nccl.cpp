// NCCL by its C interface (nccl.h of NCCL 2; numbers of its enumerations are part of it). libtorch's CUDA wheels bring the
// library; libtorch's own process group is not taken, since its header asks for CUDA's.
#include "nccl.h"

#include "symbols.h"

#include <ATen/ops/empty.h>
#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <atomic>
#include <cstring>
#include <string>

namespace nap {
namespace {

struct UniqueId {
  char bytes[128];
};
using Communicator = void *;
using Stream = void *;

struct Api {
  int (*get_version)(int *) = nullptr;
  int (*get_unique_id)(UniqueId *) = nullptr;
  int (*init)(Communicator *, int size, UniqueId, int rank) = nullptr;
  int (*all_reduce)(const void *, void *, size_t, int type, int operation, Communicator, Stream) = nullptr;
  int (*broadcast)(const void *, void *, size_t, int type, int root, Communicator, Stream) = nullptr;
  int (*all_gather)(const void *, void *, size_t, int type, Communicator, Stream) = nullptr;
  int (*async_error)(Communicator, int *) = nullptr;
  int (*abort)(Communicator) = nullptr;
  int (*destroy)(Communicator) = nullptr;
  const char *(*words)(int) = nullptr;
  std::string problem;

  template <class Function> void find(void *library, Function &function, const char *name) {
    find_symbol(library, "libnccl.so.2", name, function, problem);
  }
  Api() {
    if (!nap_load_cuda()) {
      problem = nap_cuda_problem();
      return;
    }
    // libtorch_cuda has opened it where it is a part of it.
    void *library = dlopen("libnccl.so.2", RTLD_NOW | RTLD_NOLOAD);
    if (!library) library = dlopen("libnccl.so.2", RTLD_NOW);
    if (!library) {
      const char *said = dlerror();
      problem = said ? said : "libnccl.so.2 cannot be opened";
      return;
    }
    find(library, get_version, "ncclGetVersion");
    find(library, get_unique_id, "ncclGetUniqueId");
    find(library, init, "ncclCommInitRank");
    find(library, all_reduce, "ncclAllReduce");
    find(library, broadcast, "ncclBroadcast");
    find(library, all_gather, "ncclAllGather");
    find(library, async_error, "ncclCommGetAsyncError");
    find(library, abort, "ncclCommAbort");
    find(library, destroy, "ncclCommDestroy");
    find(library, words, "ncclGetErrorString");
  }
};
const Api &api() {
  static const Api found;
  return found;
}

constexpr int kInProgress = 7;

void check(int result, const char *what) {
  TORCH_CHECK(result == 0 || result == kInProgress, "NCCL: ", what, ": ", api().words(result));
}

int type_of(at::ScalarType type) {
  switch (type) {
    case at::kChar: return 0;
    case at::kByte: case at::kBool: return 1;
    case at::kInt: return 2;
    case at::kLong: return 4;
    case at::kHalf: return 6;
    case at::kFloat: return 7;
    case at::kDouble: return 8;
    case at::kBFloat16: return 9;
    default: TORCH_CHECK(false, "NCCL has no numbers of type ", type);
  }
}

int operation_of(c10d::ReduceOp::RedOpType operation) {
  switch (operation) {
    case c10d::ReduceOp::SUM: return 0;
    case c10d::ReduceOp::MAX: return 2;
    case c10d::ReduceOp::MIN: return 3;
    default: TORCH_CHECK(false, "a reduction that is not used here");
  }
}

}  // namespace

const std::string &nccl_problem() { return api().problem; }

struct Nccl::Impl {
  using Call = std::function<int(Communicator, Stream)>;
  struct Task {
    Call call;
    std::vector<at::Tensor> tensors;  // kept until the end
    c10::Event ready;
    c10::intrusive_ptr<c10::ivalue::Future> done;
  };

  const int rank, size;
  const at::Device device;
  const c10::impl::VirtualGuardImpl guard;
  at::Tensor id;
  Pending shared;
  std::mutex mutex;
  std::condition_variable condition;
  std::deque<Task> tasks;
  std::atomic<bool> ends = false;

  Impl(int rank, int size, at::Device device, at::Tensor id, Pending shared)
      : rank(rank), size(size), device(device), guard(device.type()), id(std::move(id)), shared(std::move(shared)) {}

  Communicator made() {
    while (!shared.wait(0.1)) TORCH_CHECK(!ends, "the group ended");
    UniqueId unique;
    std::memcpy(unique.bytes, id.const_data_ptr(), sizeof unique.bytes);
    Communicator communicator = nullptr;
    check(api().init(&communicator, size, unique, rank), "the meeting of the processes' GPUs");
    return communicator;
  }

  void run() {
    guard.setDevice(device);
    const auto stream = guard.getStreamFromGlobalPool(device, true);
    const auto native = guard.getStreamNativeHandle(stream);
    Communicator communicator = nullptr;
    std::exception_ptr failure;
    while (true) {
      std::unique_lock<std::mutex> lock(mutex);
      condition.wait(lock, [&] { return ends || !tasks.empty(); });
      if (tasks.empty()) break;
      Task task = std::move(tasks.front());
      tasks.pop_front();
      lock.unlock();
      try {
        if (failure) std::rethrow_exception(failure);
        if (!communicator) communicator = made();
        task.ready.block(stream);
        check(task.call(communicator, native), "an operation");
        c10::Event end(device.type());
        end.record(stream);
        while (!end.query()) {
          int state = 0;
          check(api().async_error(communicator, &state), "a look at the communicator");
          check(state, "an operation under way");
          TORCH_CHECK(!ends, "the group ended");
          std::this_thread::sleep_for(std::chrono::microseconds(20));
        }
        task.tensors.clear();
        task.done->markCompleted();
      } catch (...) {
        failure = failure ? failure : std::current_exception();
        task.done->setErrorIfNeeded(std::current_exception());
      }
    }
    if (communicator) failure ? api().abort(communicator) : api().destroy(communicator);
  }

  Pending begin(std::vector<at::Tensor> tensors, Call call) {
    for (const at::Tensor &tensor : tensors)
      TORCH_CHECK(tensor.device() == device && tensor.is_contiguous(), "NCCL: expected contiguous tensors on ", device,
                  ", found one on ", tensor.device());
    c10::Event ready(device.type());
    ready.record(guard.getStream(device));
    auto done = c10::make_intrusive<c10::ivalue::Future>(c10::NoneType::get());
    {
      std::lock_guard<std::mutex> lock(mutex);
      tasks.push_back({std::move(call), std::move(tensors), std::move(ready), done});
    }
    condition.notify_one();
    return Pending(done);
  }
};

Nccl::Nccl(int rank, int size, at::Device device, const std::function<Pending(at::Tensor)> &share) {
  TORCH_CHECK(nccl_problem().empty(), nccl_problem());
  auto id = at::empty({sizeof(UniqueId)}, at::kByte);
  if (rank == 0) {
    UniqueId unique;
    check(api().get_unique_id(&unique), "a name for the group");
    std::memcpy(id.mutable_data_ptr(), unique.bytes, sizeof unique.bytes);
  }
  impl_ = std::make_shared<Impl>(rank, size, device, id, share(id));
  // It outlives this object where an operation hangs in NCCL: the process is about to end then.
  std::thread([impl = impl_] { impl->run(); }).detach();
}

Nccl::~Nccl() {
  impl_->ends = true;
  impl_->condition.notify_one();
}

at::Device Nccl::device() const { return impl_->device; }

Pending Nccl::all_reduce(at::Tensor tensor, c10d::ReduceOp::RedOpType operation) {
  const int type = type_of(tensor.scalar_type()), kind = operation_of(operation);
  return impl_->begin({tensor}, [=](Communicator communicator, Stream stream) {
    void *data = tensor.data_ptr();
    return api().all_reduce(data, data, static_cast<size_t>(tensor.numel()), type, kind, communicator, stream);
  });
}

Pending Nccl::broadcast(at::Tensor tensor, int root) {
  const int type = type_of(tensor.scalar_type());
  return impl_->begin({tensor}, [=](Communicator communicator, Stream stream) {
    void *data = tensor.data_ptr();
    return api().broadcast(data, data, static_cast<size_t>(tensor.numel()), type, root, communicator, stream);
  });
}

Pending Nccl::all_gather(at::Tensor output, at::Tensor input) {
  TORCH_CHECK(output.scalar_type() == input.scalar_type() && output.numel() == impl_->size * input.numel(),
              "NCCL: the output has ", output.numel(), " elements for ", impl_->size, " times ", input.numel());
  const int type = type_of(input.scalar_type());
  return impl_->begin({output, input}, [=](Communicator communicator, Stream stream) {
    return api().all_gather(input.const_data_ptr(), output.data_ptr(), static_cast<size_t>(input.numel()), type,
                            communicator, stream);
  });
}

}  // namespace nap
