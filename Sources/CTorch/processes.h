// Shared by the files about several processes: groups and the work that is under way.
#pragma once
#include <ATen/core/ivalue.h>
#include <torch/csrc/distributed/c10d/Backend.hpp>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "include/nap_processes.h"
#include "seam.h"

namespace nap {

/// One collective operation under way, which can be waited for in short pieces: libtorch's own wait throws when its time is
/// over, and then the operation is lost.
class Pending {
 public:
  explicit Pending(const c10::intrusive_ptr<c10d::Work> &work) : Pending(work->getFuture()) { work_ = work; }
  explicit Pending(const c10::intrusive_ptr<c10::ivalue::Future> &future) : state_(std::make_shared<State>()) {
    future->addCallback([state = state_](c10::ivalue::Future &future) {
      std::lock_guard<std::mutex> lock(state->mutex);
      if (future.hasError()) state->error = future.exception_ptr();
      state->is_done = true;
      state->condition.notify_all();
    });
  }
  /// Whether it is done within so many seconds; throws its error.
  bool wait(double seconds) {
    std::unique_lock<std::mutex> lock(state_->mutex);
    state_->condition.wait_for(lock, std::chrono::duration<double>(seconds), [&] { return state_->is_done; });
    if (state_->error) std::rethrow_exception(state_->error);
    return state_->is_done;
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable condition;
    bool is_done = false;
    std::exception_ptr error;
  };
  c10::intrusive_ptr<c10d::Work> work_;
  std::shared_ptr<State> state_;
};

class Nccl;

/// Processes that compute together: tensors of the host go over Gloo, those of a GPU over NCCL, which is begun with the first
/// one.
struct Group {
  c10::intrusive_ptr<c10d::Backend> backend;
  int rank, size;
  std::shared_ptr<Nccl> nccl = nullptr;

  /// NCCL's part, on a device. In every process it is first asked for at the same place among the operations.
  Nccl &on(at::Device device);
};
inline Group &required_group(nap_group handle) {
  TORCH_CHECK(handle, "a group of processes was required, and there is none");
  return *reinterpret_cast<Group *>(handle);
}

/// Copies a tensor of one process to all, in place.
Pending broadcast(Group &group, at::Tensor tensor, int root);
/// Sums a tensor over the processes, in place.
Pending all_reduce(Group &group, at::Tensor tensor, c10d::ReduceOp::RedOpType operation = c10d::ReduceOp::SUM);

/// Whether this thread recomputes layers in a backward pass, so that gradients of leaves are parts of theirs.
extern thread_local bool is_recomputing;

}  // namespace nap
