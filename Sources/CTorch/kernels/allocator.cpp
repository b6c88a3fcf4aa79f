#include "kernels.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace nap::kernels {

bool configure_allocator() {
#if defined(__GLIBC__)
  constexpr int never = 1 << 30;
  return mallopt(M_MMAP_THRESHOLD, never) == 1 && mallopt(M_TRIM_THRESHOLD, never) == 1;
#else
  return false;
#endif
}

}  // namespace nap::kernels
