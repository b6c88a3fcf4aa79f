#ifdef ARCADE
// Threads that run commands on many emulators. Each emulator is touched by one thread at a time, and each result has its own
// place, so that who does what shows nowhere.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "seam.h"

namespace {

/// Waits a moment, the time that falling asleep and being woken takes: rounds follow one another so closely that the next
/// has often begun by then. Whoever else wants the core gets it.
template <typename Ready>
void wait_awake(Ready ready) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(100);
  while (!ready() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
}

}  // namespace

struct nap_arcade_threads_handle {
  std::mutex mutex;
  std::condition_variable begins, ends;
  std::vector<std::thread> workers;
  // Written with the lock held.
  std::atomic<uint64_t> round{0};
  std::atomic<int> busy{0};
  std::atomic<bool> stops{false};
  std::atomic<int> next{0};
  const nap_arcade *arcades = nullptr;
  const nap_arcade_command *commands = nullptr;
  nap_arcade_result *results = nullptr;
  uint8_t *observations = nullptr;
  size_t stride = 0;
  int count = 0;

  void work() {
    for (int index = next.fetch_add(1); index < count; index = next.fetch_add(1)) {
      auto &result = results[index];
      const int status = nap::guarded([&] {
        nap::run(*arcades[index], commands[index], result, observations ? observations + index * stride : nullptr);
      });
      if (status != 0) {
        result.status = status;
        std::strncpy(result.message, nap_arcade_last_error(), nap_arcade_message_limit - 1);
        result.message[nap_arcade_message_limit - 1] = 0;
      }
    }
  }

  void wait_for_work() {
    uint64_t done = 0;
    for (;;) {
      wait_awake([&] { return stops || round != done; });
      {
        std::unique_lock<std::mutex> lock(mutex);
        begins.wait(lock, [&] { return stops || round != done; });
        if (stops) return;
        done = round;
      }
      work();
      std::lock_guard<std::mutex> lock(mutex);
      if (--busy == 0) ends.notify_one();
    }
  }

  void stop() {
    {
      std::lock_guard<std::mutex> lock(mutex);
      stops = true;
    }
    begins.notify_all();
    for (auto &worker : workers) worker.join();
    workers.clear();
  }

  ~nap_arcade_threads_handle() { stop(); }
};

extern "C" {
int nap_arcade_threads_create(int count, nap_arcade_threads *out) {
  return nap::guarded([&] {
    if (count < 1) throw std::invalid_argument("at least one thread is needed");
    auto threads = std::make_unique<nap_arcade_threads_handle>();
    for (int i = 1; i < count; ++i) threads->workers.emplace_back([raw = threads.get()] { raw->wait_for_work(); });
    *out = threads.release();
  });
}

void nap_arcade_threads_free(nap_arcade_threads threads) { delete threads; }

int nap_arcade_threads_run(nap_arcade_threads threads, const nap_arcade *arcades, const nap_arcade_command *commands,
                           nap_arcade_result *results, uint8_t *observations, size_t stride, int count) {
  return nap::guarded([&] {
    {
      std::lock_guard<std::mutex> lock(threads->mutex);
      threads->arcades = arcades;
      threads->commands = commands;
      threads->results = results;
      threads->observations = observations;
      threads->stride = stride;
      threads->count = count;
      threads->next = 0;
      threads->busy = int(threads->workers.size());
      ++threads->round;
    }
    threads->begins.notify_all();
    threads->work();
    wait_awake([&] { return threads->busy == 0; });
    std::unique_lock<std::mutex> lock(threads->mutex);
    threads->ends.wait(lock, [&] { return threads->busy == 0; });
  });
}
}
#endif
