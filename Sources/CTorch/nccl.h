// Collective operations on GPUs by NCCL's C library, which is opened at run time.
#pragma once
#include <ATen/core/Tensor.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "processes.h"

namespace nap {

/// One communicator of NCCL, on the device of the first tensor. A thread of its own makes it, gives it the operations in their
/// order and waits for their ends, so that nobody else ever waits for processes that do not come.
class Nccl {
 public:
  /// `share` copies bytes of rank 0 to all: in every process it is called at the same place among the group's operations.
  Nccl(int rank, int size, at::Device device, const std::function<Pending(at::Tensor)> &share);
  ~Nccl();
  /// Where `tensor` is reduced in place.
  Pending all_reduce(at::Tensor tensor, c10d::ReduceOp::RedOpType operation);
  Pending broadcast(at::Tensor tensor, int root);
  /// `output` is (size, …).
  Pending all_gather(at::Tensor output, at::Tensor input);
  at::Device device() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// Why NCCL cannot be used; empty where it can.
const std::string &nccl_problem();

}  // namespace nap
