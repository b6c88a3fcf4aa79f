// The seam to libtorch: opaque handles and status codes. No C++ exception crosses it.
//
// Every function that can fail returns 0, or 1 with the reason in nap_last_error() of the calling
// thread. A handle that a function hands out is owned by the caller and freed by the matching
// *_free. A null nap_tensor stands for an undefined tensor, or for an absent optional one.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct nap_tensor_handle *nap_tensor;
typedef struct nap_generator_handle *nap_generator;
typedef long nap_int;  // 64 bits on every platform this builds for; Swift's Int

typedef struct { int kind; int index; } nap_device;  // kind: -1 none, 0 cpu, 1 cuda, 2 mps
typedef struct { int kind; int64_t integer; double real; } nap_scalar;  // kind: -1 none, 0 int, 1 real, 2 bool
typedef struct { bool present; int64_t value; } nap_optional_int;
typedef struct { bool present; double value; } nap_optional_double;

/// The reason for this thread's last failure; valid until its next call.
const char *nap_last_error(void);
/// libtorch's version, such as "2.13.0".
const char *nap_libtorch_version(void);
/// The file that libtorch_cpu was loaded from; empty when the system does not say.
const char *nap_libtorch_path(void);
/// What libtorch computes with here, a line each: the library's name, a tab, its own words on its version.
const char *nap_libtorch_libraries(void);

// Tensors. dtype codes are libtorch's ScalarType values.
void nap_tensor_free(nap_tensor tensor);
int nap_tensor_dimension_count(nap_tensor tensor, nap_int *count);
int nap_tensor_shape(nap_tensor tensor, nap_int *sizes);
int nap_tensor_strides(nap_tensor tensor, nap_int *strides);
int nap_tensor_dtype(nap_tensor tensor, int *dtype);
int nap_tensor_device(nap_tensor tensor, nap_device *device);
int nap_tensor_is_contiguous(nap_tensor tensor, bool *contiguous);
/// Address of the first element: a way to tell tied tensors, and to read CPU memory.
int nap_tensor_data(nap_tensor tensor, void **data);
/// Address of the whole storage, and its size in bytes.
int nap_tensor_storage(nap_tensor tensor, void **data, size_t *bytes);
/// A contiguous CPU tensor of whatever was in its memory. `pinned` is for memory that is page-locked; an error without
/// CUDA.
int nap_tensor_uninitialized(const nap_int *sizes, nap_int sizes_count, int dtype, bool pinned, nap_tensor *out);
/// A page-locked tensor of the CPU on its way to a CUDA device, on a stream of its own: neither the host nor work that the
/// device has been asked for waits; what is asked for from here on waits for it.
int nap_tensor_upload(nap_tensor host, nap_device device, nap_tensor *out);
/// A contiguous CPU tensor from a copy of `bytes` bytes, which must fit the shape.
int nap_tensor_from_bytes(const void *bytes, size_t byte_count, const nap_int *sizes, nap_int sizes_count,
                          int dtype, nap_tensor *out);
/// The elements in row-major order, copied from any device; `byte_count` must fit exactly.
int nap_tensor_to_bytes(nap_tensor tensor, void *bytes, size_t byte_count);
/// A 64-bit hash of the elements' bytes in row-major order.
int nap_tensor_hash(nap_tensor tensor, uint64_t *hash);
int nap_tensor_item(nap_tensor tensor, double *value);
int nap_tensor_item_integer(nap_tensor tensor, int64_t *value);
int nap_tensor_channels_last(nap_tensor tensor, nap_tensor *out);

// Autograd.
int nap_tensor_requires_gradient(nap_tensor tensor, bool *value);
int nap_tensor_set_requires_gradient(nap_tensor tensor, bool value);
/// Gradients of `outputs` (weighted by `seeds`, or ones for scalars when seeds_count is 0) with
/// respect to `inputs`. An input that does not take part gives a null handle when `allow_unused`.
int nap_gradients(const nap_tensor *outputs, nap_int outputs_count, const nap_tensor *seeds, nap_int seeds_count,
                  const nap_tensor *inputs, nap_int inputs_count, bool create_graph, bool retain_graph,
                  bool allow_unused, nap_tensor *out);
bool nap_gradient_mode(void);
void nap_set_gradient_mode(bool enabled);

/// Computes an output from an input with the caller's `context`, and gives a handle that stays the caller's until the next
/// call; with a null `output` it forgets what it gave last. Returns 0, or 1 where it failed.
typedef int (*nap_recomputable)(void *context, nap_tensor input, nap_tensor *output);
/// The output of `body` without what a backward pass needs of it, which calls `body` again. `parameters` are what `body` reads
/// besides its input; `release` is called with `context` once nothing refers to it.
int nap_recompute(nap_tensor input, const nap_tensor *parameters, nap_int count, nap_recomputable body,
                  void (*release)(void *context), void *context, nap_tensor *out);

// Autocast, of the calling thread.
/// Begins a scope in which operators that gain by it run in `dtype` on devices of the kind; `previous` is what
/// nap_autocast_end needs.
int nap_autocast_begin(nap_device device, int dtype, nap_scalar *previous);
/// Ends the scope.
void nap_autocast_end(nap_device device, nap_scalar previous);

// Random generators.
int nap_generator_create(uint64_t seed, nap_device device, nap_generator *out);
void nap_generator_free(nap_generator generator);
int nap_generator_state(nap_generator generator, nap_tensor *out);
int nap_generator_set_state(nap_generator generator, nap_tensor state);

// Machine.
int nap_set_thread_count(int count);
int nap_thread_count(void);
/// Processors that this process's affinity allows; 0 where the system does not say.
int nap_allowed_processors(void);
/// Opens libtorch_cuda.so beside libtorch_cpu.so when it is there. Safe to call again.
bool nap_load_cuda(void);
/// Why nap_load_cuda() gives false, in the loader's own words; empty when it gives true.
const char *nap_cuda_problem(void);
int nap_cuda_device_count(int *count);
/// The driver's name of a GPU; empty where it does not say. The text lives until the thread asks again.
const char *nap_cuda_device_name(int index);
/// Ten times the major compute capability of a GPU plus the minor one, as the driver has it; -1 where it does not say.
int nap_cuda_compute_capability(int index);
/// The most bytes of a GPU that libtorch's allocator had given out at once; -1 where it does not say.
int64_t nap_cuda_peak_bytes(int index);
bool nap_mps_is_available(void);
int nap_synchronize(nap_device device);
/// Sets glibc's trimming and mmap thresholds (docs/log.md has the measurement).
void nap_configure_allocator(void);
/// Gives memory that is not in use back to the system.
void nap_release_memory(void);
/// Bytes that the C library has given out and not got back; -1 where it does not say.
int64_t nap_allocated_bytes(void);
/// Whether tiny numbers are flushed to zero on this thread's arithmetic; false when unsupported.
bool nap_set_flush_denormal(bool enabled);
/// Takes kernels that add up in one order wherever libtorch has them; others become errors.
int nap_set_deterministic(bool enabled);
bool nap_is_deterministic(void);

#ifdef __cplusplus
}
#endif
