#include "kernels.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace nap::kernels {

bool configure_allocator() {
#if defined(__GLIBC__)
  constexpr int never = 1 << 30;
  // One arena for all threads: those of other threads give memory back at every update, whatever the thresholds say.
  return mallopt(M_MMAP_THRESHOLD, never) == 1 && mallopt(M_TRIM_THRESHOLD, never) == 1 &&
         mallopt(M_ARENA_MAX, 1) == 1;
#else
  return false;
#endif
}

}  // namespace nap::kernels
