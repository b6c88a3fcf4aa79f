// Work on all of libtorch's threads.
#pragma once

#include <c10/util/FunctionRef.h>

#include <cstdint>

namespace nap::kernels {

/// Calls `body(0) ... body(count - 1)` on the `at::get_num_threads()` threads of libtorch's own
/// pool; each index once, in any order, on any thread. Returns when all are done and rethrows the
/// first exception. Runs serially inside another parallel region and for a single item.
///
/// Indices are handed out in rising order: an item may wait for an item of a lower index.
/// Results must not depend on who does what: give each index its own place for partial sums and add
/// these in index order.
void parallel(int64_t count, c10::function_ref<void(int64_t)> body);

/// The same by `at::TensorIterator::for_each`: the way taken where the OpenMP runtime that libtorch
/// uses cannot be found by name. Slower by some microseconds a call. Here for tests.
void parallel_by_iterator(int64_t count, c10::function_ref<void(int64_t)> body);

/// How many threads `parallel` really uses: one item a thread, each of which waits for the others,
/// at most `patience_ms`.
int64_t threads_at_work(int64_t patience_ms);

}  // namespace nap::kernels
