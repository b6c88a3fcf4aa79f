// What the stand-in counts, and what it records: a CUDA graph as a list of calls. Part of stand_in_cuda.cpp.
#pragma once
#include <ATen/ATen.h>
#include <c10/util/thread_name.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace {

// --- counting --------------------------------------------------------------------------------------------------------

/// Written every thousand calls and at the end, which not every program comes to.
struct Counts {
  std::mutex mutex;
  std::map<std::string, long> calls;
  long total = 0;
  void write() {
    const char* path = std::getenv("NAP_STAND_IN_LOG");
    FILE* file = path ? std::fopen(path, "w") : nullptr;
    if (!file) return;
    for (const auto& [name, count] : calls) std::fprintf(file, "%ld\t%s\n", count, name.c_str());
    std::fclose(file);
  }
  ~Counts() { write(); }
};
Counts counts;
void count(const std::string& name) {
  std::lock_guard<std::mutex> lock(counts.mutex);
  counts.calls[name]++;
  if (++counts.total % 1000 == 0) counts.write();
}

// --- graphs ----------------------------------------------------------------------------------------------------------

/// What is recorded: calls with their operands, and the memory from before it, which recording must not change.
struct Tape {
  std::vector<std::function<void()>> calls;
  std::vector<std::pair<at::Tensor, at::Tensor>> before;  // the whole storage as bytes, and a copy
  std::set<const void*> seen;
  std::vector<at::Tensor> made;
  std::vector<std::pair<at::Generator, at::Tensor>> generators;  // and their states before
  /// Memory of the device from before the recording, and how many of its owners are this tape's aliases. CUDA's graphs
  /// own nothing: a replay reads such memory whatever has become of it.
  struct Loan { size_t aliases = 0; std::string reader; };
  std::map<c10::StorageImpl*, Loan> borrowed;

  bool draws(const at::Generator& generator) const {
    for (const auto& [own, state] : generators) if (own == generator) return true;
    return false;
  }
  /// Keeps what a tensor of the host's alias holds, the first time.
  void keep(const at::Tensor& alias) {
    if (!alias.defined() || !alias.storage().data() || !seen.insert(alias.storage().data()).second) return;
    auto bytes = whole(alias);
    before.emplace_back(bytes, bytes.clone());
  }
  /// Notes that the tape will have an alias of a tensor of the device.
  void borrow(const at::Tensor& device, const at::Tensor& alias, const std::string& reader) {
    if (!alias.storage().data()) return;
    for (const at::Tensor& own : made) if (own.storage().data() == alias.storage().data()) return;
    Loan& loan = borrowed[device.storage().unsafeGetStorageImpl()];
    loan.aliases += 1;
    loan.reader = reader;
  }
  void refuse_what_is_gone() const {
    for (const auto& [storage, loan] : borrowed)
      TORCH_CHECK(c10::raw::intrusive_ptr::use_count(storage) > loan.aliases, "the stand-in: a replay would use ", storage->nbytes(),
                  " bytes of the device that were freed since ", loan.reader, " was recorded");
  }
  /// Marks memory as the recording's own: it holds nothing until a replay.
  void own(const at::Tensor& alias) {
    if (alias.storage().data() && seen.insert(alias.storage().data()).second) made.push_back(whole(alias));
  }
  void rewind() {
    for (auto& [bytes, copy] : before) bytes.copy_(copy);
    for (auto& bytes : made) bytes.fill_(0xff);
    for (auto& [generator, state] : generators)
      generator.unsafeGetGeneratorImpl()->set_state(*state.unsafeGetTensorImpl());
  }
  static at::Tensor whole(const at::Tensor& alias) {
    auto bytes = at::detail::make_tensor<c10::TensorImpl>(
        c10::Storage(alias.storage()), c10::DispatchKeySet(c10::DispatchKey::CPU), caffe2::TypeMeta::Make<uint8_t>());
    bytes.unsafeGetTensorImpl()->set_sizes_contiguous({static_cast<int64_t>(alias.storage().nbytes())});
    return bytes;
  }
};
/// The thread that records, and autograd's thread of the device, which works for it.
struct Recording {
  std::atomic<Tape*> own = nullptr;
  std::atomic<std::thread::id> thread;
  operator Tape*() const {
    Tape* found = own;
    if (!found || thread.load() == std::this_thread::get_id()) return found;
    return c10::getThreadName().rfind("pt_autograd", 0) == 0 ? found : nullptr;
  }
  Recording& operator=(Tape* other) {
    thread = std::this_thread::get_id();
    own = other;
    return *this;
  }
} tape;

void refuse_while_recording(const char* what) {
  TORCH_CHECK(!tape, "CUDA error: operation not permitted when stream is capturing (", what, ")");
}

}  // namespace

enum cudaStreamCaptureMode { cudaStreamCaptureModeGlobal, cudaStreamCaptureModeThreadLocal, cudaStreamCaptureModeRelaxed };

namespace at::cuda {

/// libtorch_cuda's, of which Sources/CTorch/capture.cpp knows the names.
struct __attribute__((visibility("default"))) CUDAGraph {
  explicit CUDAGraph(bool keeps);
  ~CUDAGraph();
  void capture_begin(std::pair<unsigned long long, unsigned long long> pool, cudaStreamCaptureMode mode);
  void capture_end();
  void replay();
  void register_generator_state(const at::Generator& generator);
  Tape* own;
};

CUDAGraph::CUDAGraph(bool) : own(new Tape) {}
CUDAGraph::~CUDAGraph() {
  if (static_cast<Tape*>(tape) == own) tape = nullptr;
  delete own;
}
void CUDAGraph::capture_begin(std::pair<unsigned long long, unsigned long long>, cudaStreamCaptureMode) {
  TORCH_CHECK(!tape, "the stand-in records one graph at a time");
  tape = own;
  count("graphs: recorded");
}
void CUDAGraph::register_generator_state(const at::Generator& generator) {
  own->generators.emplace_back(generator, at::Tensor(generator.unsafeGetGeneratorImpl()->get_state()));
}
void CUDAGraph::capture_end() {
  tape = nullptr;
  own->rewind();
}
void CUDAGraph::replay() {
  count("graphs: replayed");
  own->refuse_what_is_gone();
  const at::NoGradGuard no_grad;
  for (const auto& call : own->calls) call();
}

}  // namespace at::cuda
