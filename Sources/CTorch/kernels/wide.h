// Wide vectors without compiler flags: a function marked NAP_WIDE is compiled once per
// instruction set and the loader picks the widest that the processor has.
#pragma once

// ThreadSanitizer instruments what the loader calls to pick, before its own runtime is there.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define NAP_ONE_INSTRUCTION_SET
#endif
#endif

#if defined(__x86_64__) && defined(__linux__) && !defined(NAP_ONE_INSTRUCTION_SET)
#define NAP_WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define NAP_WIDE
#endif

/// A helper that must end up inside the NAP_WIDE function that calls it, to be widened with it.
#define NAP_INSIDE static inline __attribute__((always_inline))
