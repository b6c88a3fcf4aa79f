// Tensor lifetime, host transfer, autograd, generators.
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/version.h>

#include <algorithm>
#include <cstring>

#include "seam.h"

namespace nap {

std::string &last_error() {
  thread_local std::string message;
  return message;
}

void give_list(const std::vector<at::Tensor> &tensors, nap_tensor **out, nap_int *count) {
  auto *handles = static_cast<nap_tensor *>(std::malloc(sizeof(nap_tensor) * (tensors.size() + 1)));
  for (size_t i = 0; i < tensors.size(); i++) handles[i] = give(tensors[i]);
  *out = handles;
  *count = static_cast<nap_int>(tensors.size());
}

at::Device device(nap_device value) {
  switch (value.kind) {
    case 1:
      // Opened on first use; afterwards a look at a flag.
      TORCH_CHECK(nap_load_cuda(), "there is no CUDA here: ", nap_cuda_problem());
      TORCH_CHECK(value.index >= 0 && value.index < 128, "no CUDA device has index ", value.index);
      return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(value.index));
    case 2: return at::Device(at::kMPS, static_cast<at::DeviceIndex>(value.index));
    default: return at::Device(at::kCPU);
  }
}

}  // namespace nap

using nap::borrow;
using nap::give;
using nap::guarded;

namespace {

at::Tensor defined(nap_tensor handle) {
  TORCH_CHECK(handle, "the tensor is undefined");
  return borrow(handle);
}

}  // namespace

const char *nap_last_error(void) { return nap::last_error().c_str(); }
const char *nap_libtorch_version(void) { return TORCH_VERSION; }

void nap_tensor_free(nap_tensor handle) {
  if (!handle) return;
  auto *impl = reinterpret_cast<c10::TensorImpl *>(handle);
  c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(impl);
}

int nap_tensor_dimension_count(nap_tensor tensor, nap_int *count) {
  return guarded([&] { *count = static_cast<nap_int>(defined(tensor).dim()); });
}

int nap_tensor_shape(nap_tensor tensor, nap_int *sizes) {
  return guarded([&] {
    auto source = defined(tensor);
    for (int64_t i = 0; i < source.dim(); i++) sizes[i] = source.size(i);
  });
}

int nap_tensor_strides(nap_tensor tensor, nap_int *strides) {
  return guarded([&] {
    auto source = defined(tensor);
    for (int64_t i = 0; i < source.dim(); i++) strides[i] = source.stride(i);
  });
}

int nap_tensor_dtype(nap_tensor tensor, int *dtype) {
  return guarded([&] { *dtype = static_cast<int>(defined(tensor).scalar_type()); });
}

int nap_tensor_device(nap_tensor tensor, nap_device *device) {
  return guarded([&] {
    auto source = defined(tensor).device();
    device->kind = source.is_cuda() ? 1 : source.is_mps() ? 2 : 0;
    device->index = source.has_index() ? source.index() : 0;
  });
}

int nap_tensor_is_contiguous(nap_tensor tensor, bool *contiguous) {
  return guarded([&] { *contiguous = defined(tensor).is_contiguous(); });
}

int nap_tensor_data(nap_tensor tensor, void **data) {
  return guarded([&] { *data = const_cast<void *>(defined(tensor).const_data_ptr()); });
}

int nap_tensor_storage(nap_tensor tensor, void **data, size_t *bytes) {
  return guarded([&] {
    auto source = defined(tensor);
    *data = const_cast<void *>(source.storage().data());
    *bytes = source.storage().nbytes();
  });
}

int nap_tensor_uninitialized(const nap_int *sizes, nap_int sizes_count, int dtype, bool pinned, nap_tensor *out) {
  return guarded([&] {
    const auto options = at::TensorOptions().dtype(nap::dtype(dtype)).pinned_memory(pinned);
    *out = give(at::empty(nap::ints(sizes, sizes_count), options));
  });
}

int nap_tensor_from_bytes(const void *bytes, size_t byte_count, const nap_int *sizes, nap_int sizes_count,
                          int dtype, nap_tensor *out) {
  return guarded([&] {
    auto result = at::empty(nap::ints(sizes, sizes_count), at::TensorOptions().dtype(nap::dtype(dtype)));
    TORCH_CHECK(static_cast<size_t>(result.nbytes()) == byte_count, "shape ", nap::ints(sizes, sizes_count), " takes ",
                result.numel(), " elements, but there are ", byte_count / result.itemsize());
    if (byte_count > 0) std::memcpy(result.mutable_data_ptr(), bytes, byte_count);
    *out = give(result);
  });
}

int nap_tensor_to_bytes(nap_tensor tensor, void *bytes, size_t byte_count) {
  return guarded([&] {
    auto source = defined(tensor).detach().to(at::kCPU).contiguous();
    TORCH_CHECK(static_cast<size_t>(source.nbytes()) == byte_count, "a tensor of ", source.nbytes(),
                " bytes cannot be copied to ", byte_count, " bytes");
    if (byte_count > 0) std::memcpy(bytes, source.const_data_ptr(), byte_count);
  });
}

int nap_tensor_hash(nap_tensor tensor, uint64_t *hash) {
  return guarded([&] {
    const auto source = defined(tensor).detach().to(at::kCPU).contiguous();
    const auto *bytes = static_cast<const unsigned char *>(source.const_data_ptr());
    const auto count = static_cast<size_t>(source.nbytes());
    // FNV-1a over words of 8 bytes instead of over bytes, with the high bits folded in.
    uint64_t sum = 0xcbf29ce484222325u;
    for (size_t start = 0; start < count; start += 8) {
      uint64_t word = 0;
      std::memcpy(&word, bytes + start, std::min<size_t>(8, count - start));
      sum = (sum ^ word) * 0x100000001b3u;
      sum ^= sum >> 32;
    }
    *hash = sum;
  });
}

int nap_tensor_item(nap_tensor tensor, double *value) {
  return guarded([&] { *value = defined(tensor).item().to<double>(); });
}

int nap_tensor_item_integer(nap_tensor tensor, int64_t *value) {
  return guarded([&] { *value = defined(tensor).item().to<int64_t>(); });
}

int nap_tensor_channels_last(nap_tensor tensor, nap_tensor *out) {
  return guarded([&] { *out = give(defined(tensor).contiguous(at::MemoryFormat::ChannelsLast)); });
}

int nap_tensor_requires_gradient(nap_tensor tensor, bool *requires_gradient) {
  return guarded([&] { *requires_gradient = defined(tensor).requires_grad(); });
}

int nap_tensor_set_requires_gradient(nap_tensor tensor, bool requires_gradient) {
  return guarded([&] { defined(tensor).requires_grad_(requires_gradient); });
}

int nap_gradients(const nap_tensor *outputs, nap_int outputs_count, const nap_tensor *seeds, nap_int seeds_count,
                  const nap_tensor *inputs, nap_int inputs_count, bool create_graph, bool retain_graph,
                  bool allow_unused, nap_tensor *out) {
  return guarded([&] {
    auto gradients = torch::autograd::grad(
        nap::tensors(outputs, outputs_count), nap::tensors(inputs, inputs_count), nap::tensors(seeds, seeds_count),
        retain_graph || create_graph, create_graph, allow_unused);
    for (size_t i = 0; i < gradients.size(); i++) out[i] = give(gradients[i]);
  });
}

bool nap_gradient_mode(void) { return at::GradMode::is_enabled(); }
void nap_set_gradient_mode(bool enabled) { at::GradMode::set_enabled(enabled); }

int nap_generator_create(uint64_t seed, nap_device device, nap_generator *out) {
  return guarded([&] {
    at::Generator generator;
    if (device.kind <= 0) {
      generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    } else {
      generator = at::globalContext().getAcceleratorHooksInterface(nap::device(device).type())
                      .getNewGenerator(static_cast<c10::DeviceIndex>(device.index));
      generator.set_current_seed(seed);
    }
    *out = reinterpret_cast<nap_generator>(new at::Generator(std::move(generator)));
  });
}

void nap_generator_free(nap_generator generator) { delete reinterpret_cast<at::Generator *>(generator); }

int nap_generator_state(nap_generator generator, nap_tensor *out) {
  return guarded([&] {
    *out = give(at::Tensor(reinterpret_cast<at::Generator *>(generator)->unsafeGetGeneratorImpl()->get_state()));
  });
}

int nap_generator_set_state(nap_generator generator, nap_tensor state) {
  return guarded([&] {
    reinterpret_cast<at::Generator *>(generator)->unsafeGetGeneratorImpl()->set_state(*defined(state).unsafeGetTensorImpl());
  });
}
