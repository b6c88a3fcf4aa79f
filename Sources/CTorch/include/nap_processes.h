// Several processes: stores that they meet in, collective operations over c10d with Gloo, for tensors of a GPU over NCCL,
// gradients that are reduced while a backward pass goes on. Everything fails with a reason where libtorch was met without Gloo's headers.
#pragma once
#include "nap_core.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct nap_store_handle *nap_store;
typedef struct nap_group_handle *nap_group;
typedef struct nap_work_handle *nap_work;
typedef struct nap_buckets_handle *nap_buckets;

/// Whether this was built with process groups.
bool nap_processes_are_built(void);

/// Why tensors of a GPU cannot be sent; empty where they can.
const char *nap_nccl_problem(void);

// Stores. `seconds` is how long a call waits, for the other side as for a key.
/// A store over TCP: `serves` keeps it here, at `port` (0: any that is free), which `bound` says; otherwise it is one's at `host`.
int nap_store_tcp(const char *host, int port, bool serves, double seconds, nap_store *out, int *bound);
/// A store in a file that processes share.
int nap_store_file(const char *path, double seconds, nap_store *out);
/// The part of a store whose keys begin with `prefix`.
int nap_store_prefixed(nap_store store, const char *prefix, nap_store *out);
void nap_store_free(nap_store store);
int nap_store_set(nap_store store, const char *key, const void *bytes, size_t count);
/// Waits for the key; a vector of uint8.
int nap_store_get(nap_store store, const char *key, nap_tensor *out);
int nap_store_has(nap_store store, const char *key, bool *has);
/// Adds to a number, 0 at first, and gives the sum.
int nap_store_add(nap_store store, const char *key, int64_t number, int64_t *sum);

// Collective operations: every process of the group calls the same ones in the same order. They return at once with
// work to wait for, until which the tensors are not touched.
/// Meets the others of a group in a store, waiting so many seconds.
int nap_group_gloo(nap_store store, int rank, int size, double seconds, nap_group *out);
void nap_group_free(nap_group group);
/// In place. operation: 0 sum, 1 least, 2 greatest.
int nap_group_all_reduce(nap_group group, nap_tensor tensor, int operation, nap_work *out);
/// In place, from the process `root`.
int nap_group_broadcast(nap_group group, nap_tensor tensor, int root, nap_work *out);
/// `output` is (size, …), one `input` after another by rank.
int nap_group_all_gather(nap_group group, nap_tensor output, nap_tensor input, nap_work *out);
/// Waits at most so many seconds; `is_done` says whether it was long enough. Fails where the operation failed.
int nap_work_wait(nap_work work, double seconds, bool *is_done);
void nap_work_free(nap_work work);

/// The sum over the processes, whose gradient is the sum of the gradients. Waits at most so many seconds.
int nap_all_reduced(nap_group group, nap_tensor tensor, double seconds, nap_tensor *out);

// Buckets of gradients.
/// Buckets for the gradients of leaves, filled from the last leaf to the first, of at most so many bytes each, the first of
/// less.
int nap_buckets_create(nap_group group, const nap_tensor *leaves, nap_int count, size_t first_bytes, size_t bytes,
                       nap_buckets *out);
void nap_buckets_free(nap_buckets buckets);
/// From here on each leaf's gradient, plus `earlier` (null, or one for each leaf), goes into its bucket as a backward pass has
/// it, and a full bucket is summed over the processes.
int nap_buckets_begin(nap_buckets buckets, const nap_tensor *earlier);
/// Ends the listening; leaves without a gradient count as zeros, plus `earlier`.
int nap_buckets_end(nap_buckets buckets);
/// Waits at most so many seconds for all sums.
int nap_buckets_wait(nap_buckets buckets, double seconds, bool *is_done);
/// The sums, one for each leaf: views of the buckets, which the next pass overwrites.
int nap_buckets_take(nap_buckets buckets, nap_tensor *out);

#ifdef __cplusplus
}
#endif
