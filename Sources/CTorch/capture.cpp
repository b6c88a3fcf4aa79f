// CUDA graphs of libtorch_cuda.so, which is opened at run time. Its class is found by the names of its functions: headers of
// CUDA are not asked for, and a program that was built without CUDA can use it. docs/decisions/0025-capture.md says why.
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "include/nap_capture.h"
#include "kernels/operators.h"
#include "seam.h"
#include "symbols.h"

namespace {

/// at::cuda::CUDAGraph, of libtorch 2.11 to 2.13. A member function is a function of its object.
struct Functions {
  using Pool = std::pair<unsigned long long, unsigned long long>;
  void (*construct)(void *, bool keeps) = nullptr;
  void (*destroy)(void *) = nullptr;
  void (*begin)(void *, Pool, unsigned mode) = nullptr;
  void (*end)(void *) = nullptr;
  void (*replay)(void *) = nullptr;
  void (*draw)(void *, const at::Generator &) = nullptr;
  std::string problem;

  template <class Function> void find(Function &function, const char *name) {
    nap::find_symbol(RTLD_DEFAULT, "this libtorch_cuda", name, function, problem);
  }
  Functions() {
    if (!nap_load_cuda()) {
      problem = nap_cuda_problem();
      return;
    }
    find(construct, "_ZN2at4cuda9CUDAGraphC1Eb");
    find(destroy, "_ZN2at4cuda9CUDAGraphD1Ev");
    find(begin, "_ZN2at4cuda9CUDAGraph13capture_beginESt4pairIyyE21cudaStreamCaptureMode");
    find(end, "_ZN2at4cuda9CUDAGraph11capture_endEv");
    find(replay, "_ZN2at4cuda9CUDAGraph6replayEv");
    find(draw, "_ZN2at4cuda9CUDAGraph24register_generator_stateERKNS_9GeneratorE");
  }
};
const Functions &functions() {
  static const Functions found;
  return found;
}

/// Errors of this thread alone: others may go on with the device, to bring the next batch.
constexpr unsigned kThreadLocal = 1;

/// One recording, on a stream of its own.
class Graph {
 public:
  Graph(at::Device device, const std::vector<at::Generator> &generators) : guard_(device.type()) {
    functions().construct(object_, false);
    at::detail::getCUDAHooks().deviceSynchronize(device.index());
    before_ = guard_.exchangeStream(guard_.getStreamFromGlobalPool(device, false));
    is_recording_ = true;
    try {
      for (const at::Generator &generator : generators) functions().draw(object_, generator);
      functions().begin(object_, {0, 0}, kThreadLocal);
      keeps_.emplace();
    } catch (...) {
      leave();
      functions().destroy(object_);
      throw;
    }
  }
  Graph(const Graph &) = delete;
  ~Graph() {
    leave();
    functions().destroy(object_);
  }
  void end() {
    TORCH_CHECK(is_recording_, "the recording has ended already");
    try {
      functions().end(object_);
    } catch (...) {
      leave();
      throw;
    }
    leave();
    is_whole_ = true;
  }
  void replay() {
    TORCH_CHECK(is_whole_, "there is nothing to replay: the recording failed");
    functions().replay(object_);
  }

 private:
  void leave() {
    if (is_recording_) guard_.exchangeStream(*before_);
    keeps_.reset();
    is_recording_ = false;
  }
  /// The object's place: its size differs between versions of libtorch, and all are far smaller.
  alignas(std::max_align_t) std::byte object_[4096];
  c10::impl::VirtualGuardImpl guard_;
  std::optional<c10::Stream> before_;
  std::optional<nap::kernels::KeepsNumbers> keeps_;
  bool is_recording_ = false, is_whole_ = false;
};

Graph &required_graph(nap_graph handle) {
  TORCH_CHECK(handle, "a recording was required, and there is none");
  return *reinterpret_cast<Graph *>(handle);
}

}  // namespace

using nap::guarded;

const char *nap_graph_problem(nap_device device) {
  if (device.kind != 1) return "only CUDA's devices record their work";
  return functions().problem.c_str();
}

int nap_graph_begin(nap_device device, const nap_generator *generators, nap_int count, nap_graph *out) {
  return guarded([&] {
    std::vector<at::Generator> drawn;
    for (nap_int i = 0; i < count; i++) drawn.push_back(nap::required_generator(generators[i]));
    const std::string problem = nap_graph_problem(device);
    TORCH_CHECK(problem.empty(), problem);
    *out = reinterpret_cast<nap_graph>(new Graph(nap::device(device), drawn));
  });
}

int nap_graph_end(nap_graph graph) {
  return guarded([&] { required_graph(graph).end(); });
}

int nap_graph_replay(nap_graph graph) {
  return guarded([&] { required_graph(graph).replay(); });
}

void nap_graph_free(nap_graph graph) { delete reinterpret_cast<Graph *>(graph); }
