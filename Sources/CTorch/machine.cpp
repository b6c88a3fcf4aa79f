// Threads, devices, the allocator.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/detail/MPSHooksInterface.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <dlfcn.h>
#include <unistd.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#ifdef __linux__
#include <sched.h>
#endif

#include <cstdlib>
#include <string>

#include "seam.h"

int nap_set_thread_count(int count) {
  return nap::guarded([&] { at::set_num_threads(count); });
}

int nap_thread_count(void) { return at::get_num_threads(); }

int nap_allowed_processors(void) {
#ifdef __linux__
  // A set of fixed size is refused on machines of more processors than it has bits.
  for (int bits = 1024; bits <= 1 << 20; bits *= 2) {
    cpu_set_t *set = CPU_ALLOC(bits);
    if (!set) return 0;
    const size_t size = CPU_ALLOC_SIZE(bits);
    const int count = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 0;
    CPU_FREE(set);
    if (count > 0) return count;
  }
#endif
  return 0;
}

const char *nap_libtorch_path(void) {
  static const std::string path = [] {
    Dl_info where;
    // Any symbol of libtorch_cpu tells where it lies.
    const bool found = dladdr(reinterpret_cast<const void *>(&at::get_num_threads), &where) && where.dli_fname;
    return std::string(found ? where.dli_fname : "");
  }();
  return path.c_str();
}

const char *nap_libtorch_libraries(void) {
  static const std::string text = [] {
    std::string lines;
    nap::guarded([&] {
      lines = "oneDNN\t" + at::get_mkldnn_version() + "\nMKL\t" + at::get_mkl_version() + "\nOpenMP\t" +
              at::get_openmp_version() + "\nvector instructions\t" + at::get_cpu_capability() + "\n";
    });
    return lines;
  }();
  return text.c_str();
}

namespace {

/// Opens libtorch_cuda.so once; gives why it cannot be, in the loader's words, or nothing.
const std::string &cuda_problem() {
  static const std::string problem = []() -> std::string {
    std::string path(nap_libtorch_path());
    if (path.empty()) return "the system does not say where libtorch_cpu was loaded from";
    path = path.substr(0, path.find_last_of('/') + 1) + "libtorch_cuda.so";
    if (access(path.c_str(), F_OK) != 0) return "this libtorch has no CUDA: there is no " + path;
    if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL)) return "";
    const char *words = dlerror();
    return words ? words : path + " cannot be opened";
  }();
  return problem;
}

}  // namespace

bool nap_load_cuda(void) { return cuda_problem().empty(); }

const char *nap_cuda_problem(void) { return cuda_problem().c_str(); }

int nap_cuda_device_count(int *count) {
  return nap::guarded([&] {
    *count = nap_load_cuda() && at::globalContext().hasCUDA() ? at::detail::getCUDAHooks().deviceCount() : 0;
  });
}

const char *nap_cuda_device_name(int index) {
  // The driver's library is there where libtorch's CUDA works; linking it would ask for it everywhere.
  static thread_local char name[256];
  name[0] = 0;
  static void *driver = dlopen("libcuda.so.1", RTLD_NOW);
  if (!driver) return name;
  const auto device = reinterpret_cast<int (*)(int *, int)>(dlsym(driver, "cuDeviceGet"));
  const auto text = reinterpret_cast<int (*)(char *, int, int)>(dlsym(driver, "cuDeviceGetName"));
  int handle = 0;
  if (!device || !text || device(&handle, index) || text(name, sizeof name, handle)) name[0] = 0;
  return name;
}

int nap_cuda_compute_capability(int index) {
  static void *driver = dlopen("libcuda.so.1", RTLD_NOW);
  if (!driver) return -1;
  const auto device = reinterpret_cast<int (*)(int *, int)>(dlsym(driver, "cuDeviceGet"));
  const auto attribute = reinterpret_cast<int (*)(int *, int, int)>(dlsym(driver, "cuDeviceGetAttribute"));
  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR of cuda.h.
  int handle = 0, major = 0, minor = 0;
  if (!device || !attribute || device(&handle, index) || attribute(&major, 75, handle) ||
      attribute(&minor, 76, handle))
    return -1;
  return major * 10 + minor;
}

int64_t nap_cuda_peak_bytes(int index) {
  int64_t bytes = -1;
  nap::guarded([&] {
    const auto stats = c10::getDeviceAllocator(at::kCUDA)->getDeviceStats(static_cast<c10::DeviceIndex>(index));
    bytes = stats.allocated_bytes[static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE)].peak;
  });
  return bytes;
}

bool nap_mps_is_available(void) {
  bool available = false;
  nap::guarded([&] { available = at::detail::getMPSHooks().hasMPS(); });
  return available;
}

int nap_synchronize(nap_device device) {
  return nap::guarded([&] {
    if (device.kind == 1) at::detail::getCUDAHooks().deviceSynchronize(static_cast<c10::DeviceIndex>(device.index));
    if (device.kind == 2) at::detail::getMPSHooks().deviceSynchronize();
  });
}

void nap_release_memory(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

int64_t nap_allocated_bytes(void) {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
  const struct mallinfo2 information = mallinfo2();
  return static_cast<int64_t>(information.uordblks + information.hblkhd);
#else
  return -1;
#endif
}

bool nap_set_flush_denormal(bool enabled) { return at::globalContext().setFlushDenormal(enabled); }

int nap_set_deterministic(bool enabled) {
  return nap::guarded([&] {
    // cuBLAS reads this when it is first used; with workspaces of a fixed size it adds up in one order.
    if (enabled) setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 0);
    auto &context = at::globalContext();
    context.setDeterministicAlgorithms(enabled, false);
    context.setDeterministicCuDNN(enabled);
    // It would also fill new memory with NaN, which nothing here reads.
    context.setDeterministicFillUninitializedMemory(false);
  });
}

bool nap_is_deterministic(void) { return at::globalContext().deterministicAlgorithms(); }
