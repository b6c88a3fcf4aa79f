// Times sums over Gloo's own API, as Gloo's benchmark does: buffers once, then meet at a barrier and sum, again and again.
// The benchmark itself is in no package of Debian's; the library is Debian's libgloo.
//
// usage: gloo_sums RANK SIZE FOLDER BYTES,... REPEATS
//
// Every process gets the same FOLDER, empty at first, in which they meet. Rank 0 prints a line for each algorithm and size:
//   gloo BYTES MEDIAN_MS LEAST_MS            gloo::allreduce, which c10d calls, and as c10d without a choice of algorithm: a ring
//   gloo-chunked BYTES MEDIAN_MS LEAST_MS    gloo::AllreduceRingChunked, one that Gloo's benchmark offers
#include <gloo/allreduce.h>
#include <gloo/allreduce_ring_chunked.h>
#include <gloo/barrier.h>
#include <gloo/math.h>
#include <gloo/rendezvous/context.h>
#include <gloo/rendezvous/file_store.h>
#include <gloo/rendezvous/prefix_store.h>
#include <gloo/transport/tcp/device.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

using Clock = std::chrono::steady_clock;

int main(int count, char **words) {
  if (count != 6) return std::fprintf(stderr, "usage: gloo_sums RANK SIZE FOLDER BYTES,... REPEATS\n"), 2;
  const int rank = std::atoi(words[1]), size = std::atoi(words[2]), repeats = std::atoi(words[5]);
  gloo::rendezvous::FileStore store(words[3]);
  gloo::transport::tcp::attr place;
  place.iface = "lo";
  auto device = gloo::transport::tcp::CreateDevice(place);
  // Connections of its own for each algorithm: AllreduceRingChunked shrinks the send buffers of those that it gets, and
  // gloo::allreduce then stalls by tens of milliseconds.
  const auto connected = [&](const std::string &name) {
    gloo::rendezvous::PrefixStore part(name, store);
    auto context = std::make_shared<gloo::rendezvous::Context>(rank, size);
    context->connectFullMesh(part, device);
    return context;
  };
  const auto meet = [](const std::shared_ptr<gloo::Context> &context) {
    gloo::BarrierOptions options(context);
    gloo::barrier(options);
  };
  const auto time = [&](const char *name, const std::shared_ptr<gloo::Context> &context, std::vector<float> &values,
                        const std::function<void()> &sum) {
    std::vector<double> times;
    for (int i = 0; i < repeats + 3; i++) {
      std::fill(values.begin(), values.end(), 1.0f);
      meet(context);
      const auto start = Clock::now();
      sum();
      const std::chrono::duration<double, std::milli> taken = Clock::now() - start;
      if (i >= 3) times.push_back(taken.count());
      if (values.front() != size || values.back() != size) std::fprintf(stderr, "gloo_sums: a wrong sum\n"), std::exit(1);
    }
    std::sort(times.begin(), times.end());
    if (rank == 0) std::printf("%s %zu %.4f %.4f\n", name, values.size() * 4, times[times.size() / 2], times[0]);
    meet(context);
  };

  std::stringstream sizes(words[4]);
  for (std::string bytes; std::getline(sizes, bytes, ',');) {
    std::vector<float> values(std::stoul(bytes) / 4);
    auto context = connected("gloo" + bytes), other = connected("chunked" + bytes);
    time("gloo", context, values, [&] {
      gloo::AllreduceOptions options(context);
      options.setOutput(values.data(), values.size());
      options.setReduceFunction([](void *to, const void *a, const void *b, size_t n) { gloo::sum<float>(to, a, b, n); });
      gloo::allreduce(options);
    });
    gloo::AllreduceRingChunked<float> chunked(other, {values.data()}, static_cast<int>(values.size()));
    time("gloo-chunked", other, values, [&] { chunked.run(); });
    meet(context), meet(other);
  }
}
