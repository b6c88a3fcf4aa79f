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

/// Processes that compute together.
struct Group {
  c10::intrusive_ptr<c10d::Backend> backend;
  int size;
};
inline Group &required_group(nap_group handle) {
  TORCH_CHECK(handle, "a group of processes was required, and there is none");
  return *reinterpret_cast<Group *>(handle);
}

/// One collective operation under way, which can be waited for in short pieces: libtorch's own wait throws when its time is
/// over, and then the operation is lost.
class Pending {
 public:
  explicit Pending(const c10::intrusive_ptr<c10d::Work> &work) : work_(work), state_(std::make_shared<State>()) {
    work->getFuture()->addCallback([state = state_](c10::ivalue::Future &future) {
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

/// Sums a tensor over the processes, in place.
Pending all_reduce(Group &group, at::Tensor tensor, c10d::ReduceOp::RedOpType operation = c10d::ReduceOp::SUM);

/// Whether this thread recomputes layers in a backward pass, so that gradients of leaves are parts of theirs.
extern thread_local bool is_recomputing;

}  // namespace nap
