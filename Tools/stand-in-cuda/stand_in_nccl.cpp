// A stand-in for libnccl.so.2 beside the stand-in for libtorch_cuda.so: processes of one machine meet in files of a
// folder, NAP_STAND_IN_FOLDER or /dev/shm. An operation is done when its call returns; one whose others do not come within 20 seconds is an error, which
// NCCL would never end with. It says nothing of speed, of streams, or of several machines.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace {

struct UniqueId {
  char bytes[128];
};
struct Communicator {
  std::string path;
  int rank, size;
  long operations = 0;
};

/// Addresses of the stand-in's GPU; see stand_in_cuda.cpp.
char* shown(const void* device) {
  return reinterpret_cast<char*>(reinterpret_cast<uintptr_t>(device) & ~(uintptr_t(1) << 62));
}
size_t bytes_of(int type) { return type < 2 ? 1 : type < 4 ? 4 : type < 6 ? 8 : type == 6 || type == 9 ? 2 : type == 7 ? 4 : 8; }

std::string name(const Communicator& all, long operation, int rank) {
  return all.path + "." + std::to_string(operation) + "." + std::to_string(rank);
}

/// The bytes of every process, by rank; none where one did not come.
std::vector<std::string> exchanged(Communicator& all, const char* data, size_t count) {
  const long now = all.operations++;
  const std::string own = name(all, now, all.rank);
  std::ofstream(own + "~", std::ios::binary).write(data, static_cast<std::streamsize>(count));
  std::rename((own + "~").c_str(), own.c_str());
  // Everybody has read what is two operations old.
  if (now >= 2) std::remove(name(all, now - 2, all.rank).c_str());
  std::vector<std::string> found;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (int rank = 0; rank < all.size; rank++) {
    const std::string path = name(all, now, rank);
    while (access(path.c_str(), R_OK) != 0) {
      if (std::chrono::steady_clock::now() > deadline) return {};
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    std::ifstream file(path, std::ios::binary);
    found.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return found;
}

template <class T> void reduce(char* into, const std::vector<std::string>& all, size_t count, int operation) {
  for (size_t i = 0; i < count; i++) {
    T result = reinterpret_cast<const T*>(all[0].data())[i];
    for (size_t rank = 1; rank < all.size(); rank++) {
      const T other = reinterpret_cast<const T*>(all[rank].data())[i];
      result = operation == 0 ? T(result + other) : operation == 2 ? std::max(result, other) : std::min(result, other);
    }
    reinterpret_cast<T*>(into)[i] = result;
  }
}

constexpr int invalid = 4, remote = 6;

}  // namespace

extern "C" {

int ncclGetVersion(int* version) { return *version = 22900, 0; }
int ncclGetUniqueId(UniqueId* id) {
  const char* folder = std::getenv("NAP_STAND_IN_FOLDER");
  const int length = std::snprintf(id->bytes, sizeof id->bytes, "%s/nap-nccl-%d", folder ? folder : "/dev/shm", getpid());
  return length < static_cast<int>(sizeof id->bytes) ? 0 : invalid;
}
int ncclCommInitRank(void** out, int size, UniqueId id, int rank) {
  auto* made = new Communicator{id.bytes, rank, size};
  *out = made;
  return exchanged(*made, "", 0).empty() ? remote : 0;
}
int ncclAllReduce(const void* from, void* to, size_t count, int type, int operation, void* communicator, void*) {
  auto& all = *static_cast<Communicator*>(communicator);
  const auto found = exchanged(all, shown(from), count * bytes_of(type));
  if (found.empty()) return remote;
  switch (type) {
    case 1: reduce<uint8_t>(shown(to), found, count, operation); return 0;
    case 2: reduce<int32_t>(shown(to), found, count, operation); return 0;
    case 4: reduce<int64_t>(shown(to), found, count, operation); return 0;
    case 7: reduce<float>(shown(to), found, count, operation); return 0;
    case 8: reduce<double>(shown(to), found, count, operation); return 0;
    default: return invalid;
  }
}
int ncclBroadcast(const void* from, void* to, size_t count, int type, int root, void* communicator, void*) {
  auto& all = *static_cast<Communicator*>(communicator);
  const auto found = exchanged(all, shown(from), all.rank == root ? count * bytes_of(type) : 0);
  if (found.empty()) return remote;
  std::memcpy(shown(to), found[root].data(), count * bytes_of(type));
  return 0;
}
int ncclAllGather(const void* from, void* to, size_t count, int type, void* communicator, void*) {
  auto& all = *static_cast<Communicator*>(communicator);
  const auto found = exchanged(all, shown(from), count * bytes_of(type));
  if (found.empty()) return remote;
  for (size_t rank = 0; rank < found.size(); rank++)
    std::memcpy(shown(to) + rank * count * bytes_of(type), found[rank].data(), count * bytes_of(type));
  return 0;
}
int ncclCommGetAsyncError(void*, int* error) { return *error = 0, 0; }
int ncclCommAbort(void*) { return 0; }
int ncclCommDestroy(void* communicator) {
  auto& all = *static_cast<Communicator*>(communicator);
  for (long back = 1; back <= 2; back++) std::remove(name(all, all.operations - back, all.rank).c_str());
  return 0;
}
const char* ncclGetErrorString(int result) {
  return result == remote ? "a process did not come" : result == invalid ? "a type that the stand-in lacks" : "an error";
}

}
