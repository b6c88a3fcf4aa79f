// at::parallel_for is a header of loops that need -fopenmp; without that flag it runs serially.
// So the region is opened by hand: GOMP_parallel is the entry that libtorch's own loops call, and
// opening the region from the same thread reuses the same pool.
#include "parallel.h"

#include <ATen/Parallel.h>
#include <ATen/TensorIterator.h>
#include <ATen/ops/empty.h>

#include <dlfcn.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>

// OpenMP orders a region after its opening and before its end, inside a library that ThreadSanitizer does
// not see; it is told here.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define NAP_THREAD_SANITIZER
extern "C" void __tsan_acquire(void*);
extern "C" void __tsan_release(void*);
#endif
#endif

namespace nap::kernels {
namespace {

#ifdef NAP_THREAD_SANITIZER
char handover;
void hand_over() { __tsan_release(&handover); }
void take_over() { __tsan_acquire(&handover); }
#else
void hand_over() {}
void take_over() {}
#endif

using OpenRegion = void (*)(void (*)(void*), void*, unsigned threads, unsigned flags);

OpenRegion find_open_region() {
  if (void* found = dlsym(RTLD_DEFAULT, "GOMP_parallel")) return reinterpret_cast<OpenRegion>(found);
  // libtorch may have been opened without its symbols becoming global: ask through its handle.
  Dl_info library;
  if (!dladdr(reinterpret_cast<void*>(&at::get_num_threads), &library)) return nullptr;
  void* handle = dlopen(library.dli_fname, RTLD_NOLOAD | RTLD_LAZY);
  return handle ? reinterpret_cast<OpenRegion>(dlsym(handle, "GOMP_parallel")) : nullptr;
}

struct Region {
  Region(c10::function_ref<void(int64_t)> body, int64_t count) : body(body), count(count) {}

  c10::function_ref<void(int64_t)> body;
  int64_t count;
  std::atomic<int64_t> next{0};
  std::once_flag failed_once;
  std::exception_ptr failure;

  void work() {
    take_over();
    try {
      for (int64_t item; (item = next.fetch_add(1, std::memory_order_relaxed)) < count;) body(item);
    } catch (...) {
      std::call_once(failed_once, [this] { failure = std::current_exception(); });
      next.store(count, std::memory_order_relaxed);
    }
    hand_over();
  }

  static void enter(void* region) { static_cast<Region*>(region)->work(); }
};

bool run_serially(int64_t count, c10::function_ref<void(int64_t)> body) {
  if (count > 1 && at::get_num_threads() > 1 && !at::in_parallel_region()) return false;
  for (int64_t item = 0; item < count; ++item) body(item);
  return true;
}

int64_t thread_count(int64_t items) { return std::min<int64_t>(at::get_num_threads(), items); }

void by_iterator(Region& region) {
  // One byte a worker; for_each splits the bytes among the threads.
  auto workers = at::empty({thread_count(region.count)}, at::kByte);
  auto iterator = at::TensorIterator::borrowing_nullary_op(workers);
  iterator.for_each([&](char**, const int64_t*, int64_t) { region.work(); }, 1);
}

}  // namespace

void parallel(int64_t count, c10::function_ref<void(int64_t)> body) {
  if (run_serially(count, body)) return;
  static const OpenRegion open_region = find_open_region();
  Region region(body, count);
  hand_over();
  if (open_region) {
    open_region(&Region::enter, &region, static_cast<unsigned>(thread_count(count)), 0);
  } else {
    by_iterator(region);
  }
  take_over();
  if (region.failure) std::rethrow_exception(region.failure);
}

void parallel_by_iterator(int64_t count, c10::function_ref<void(int64_t)> body) {
  if (run_serially(count, body)) return;
  Region region(body, count);
  hand_over();
  by_iterator(region);
  take_over();
  if (region.failure) std::rethrow_exception(region.failure);
}

int64_t threads_at_work(int64_t patience_ms) {
  using Clock = std::chrono::steady_clock;
  const int64_t wanted = at::get_num_threads();
  const auto deadline = Clock::now() + std::chrono::milliseconds(patience_ms);
  std::atomic<int64_t> arrived{0};
  parallel(wanted, [&](int64_t) {
    // A thread stays here until all have come, so it cannot take a second item before the deadline.
    if (Clock::now() >= deadline) return;
    arrived.fetch_add(1);
    while (arrived.load() < wanted && Clock::now() < deadline) std::this_thread::yield();
  });
  return arrived.load();
}

}  // namespace nap::kernels
