// Threads, devices, the allocator.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/detail/MPSHooksInterface.h>
#include <dlfcn.h>

#include <string>

#include "seam.h"

int nap_set_thread_count(int count) {
  return nap::guarded([&] { at::set_num_threads(count); });
}

int nap_thread_count(void) { return at::get_num_threads(); }

bool nap_load_cuda(void) {
  static const bool loaded = [] {
    Dl_info where;
    // Any symbol of libtorch_cpu tells the folder that libtorch_cuda.so would lie in.
    if (!dladdr(reinterpret_cast<const void *>(&at::get_num_threads), &where) || !where.dli_fname) return false;
    std::string path(where.dli_fname);
    path = path.substr(0, path.find_last_of('/') + 1) + "libtorch_cuda.so";
    return dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr;
  }();
  return loaded;
}

int nap_cuda_device_count(int *count) {
  return nap::guarded([&] {
    *count = nap_load_cuda() && at::globalContext().hasCUDA() ? at::detail::getCUDAHooks().deviceCount() : 0;
  });
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

bool nap_set_flush_denormal(bool enabled) { return at::globalContext().setFlushDenormal(enabled); }
