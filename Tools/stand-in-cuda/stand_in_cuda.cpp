// A stand-in for libtorch_cuda.so where there is no GPU, by which `Tools/gpu-check --rehearse` finds faults of devices.
//
// It claims the device type CUDA. Its memory lies in the process, but under addresses that no code can read: one bit is
// turned over. Every operator runs on the CPU, after a look at its arguments that is as strict as CUDA's: tensors on
// both sides, or a generator of the CPU, are errors. NAP_STAND_IN_LOG names a file in which operators and host reads are
// counted. Work is recorded and replayed as a CUDA graph is: nothing happens while it is recorded, and host reads, host
// writes and random numbers are refused then. It says nothing of speed, of CUDA's rounding, or of operators that CUDA
// lacks.
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/EmptyTensor.h>
#include <ATen/NativeFunctions.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

#include <cstring>

#include "graphs.h"

namespace {

const at::Device here(at::kCUDA, 0);
constexpr uintptr_t unreadable = uintptr_t(1) << 62;

void* hidden(const void* host) {
  return host ? reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(host) | unreadable) : nullptr;
}
void* shown(const void* device) { return reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(device) & ~unreadable); }

// --- memory ----------------------------------------------------------------------------------------------------------

c10::DataPtr moved(c10::DataPtr from, void* address, at::Device device) {
  auto* kept = new c10::DataPtr(std::move(from));
  return {address, kept, [](void* context) { delete static_cast<c10::DataPtr*>(context); }, device};
}

struct Memory final : c10::Allocator {
  c10::DataPtr allocate(size_t bytes) override {
    auto host = at::getCPUAllocator()->allocate(bytes);
    void* address = hidden(host.get());
    return moved(std::move(host), address, here);
  }
  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    std::memcpy(shown(to), shown(from), bytes);
  }
};
Memory memory;
REGISTER_ALLOCATOR(at::kCUDA, &memory)

/// The same elements under another device's name: both tensors see a change.
at::Tensor renamed(const at::Tensor& tensor, at::Device device) {
  const bool to_host = device.is_cpu();
  const c10::Storage& storage = tensor.storage();
  void* address = to_host ? shown(storage.data()) : hidden(storage.data());
  auto* kept = new c10::Storage(storage);
  c10::DataPtr data(address, kept, [](void* context) { delete static_cast<c10::Storage*>(context); }, device);
  c10::Storage other(c10::make_intrusive<c10::StorageImpl>(c10::StorageImpl::use_byte_size_t(), storage.nbytes(),
                     std::move(data), to_host ? at::getCPUAllocator() : &memory, true));
  auto result = at::detail::make_tensor<c10::TensorImpl>(
      std::move(other), c10::DispatchKeySet(to_host ? c10::DispatchKey::CPU : c10::DispatchKey::CUDA), tensor.dtype());
  result.unsafeGetTensorImpl()->set_sizes_and_strides(tensor.sizes(), tensor.strides(), tensor.storage_offset());
  return result;
}

/// Another view of `owner`'s storage, as `view` is one of its alias on the host.
at::Tensor view_of(const at::Tensor& owner, const at::Tensor& view) {
  c10::Storage storage = owner.storage();
  auto result = at::detail::make_tensor<c10::TensorImpl>(
      c10::TensorImpl::VIEW, std::move(storage), c10::DispatchKeySet(c10::DispatchKey::CUDA), view.dtype());
  result.unsafeGetTensorImpl()->set_sizes_and_strides(view.sizes(), view.strides(), view.storage_offset());
  return result;
}

// --- generators ------------------------------------------------------------------------------------------------------

/// Draws what a CPU generator draws; its state has another size than a CPU generator's, as CUDA's has.
struct Draws final : c10::GeneratorImpl {
  explicit Draws(at::Generator inner)
      : c10::GeneratorImpl(here, c10::DispatchKeySet(c10::DispatchKey::CUDA)), inner(std::move(inner)) {}
  void set_current_seed(uint64_t seed) override { inner.set_current_seed(seed); }
  void set_offset(uint64_t) override {}
  uint64_t get_offset() const override { return 0; }
  uint64_t current_seed() const override { return inner.current_seed(); }
  uint64_t seed() override { return inner.seed(); }
  void set_state(const c10::TensorImpl& state) override {
    TORCH_CHECK(!state.is_cuda(), "RNG state must be a torch.ByteTensor on the CPU");
    at::Tensor bytes = at::detail::make_tensor<c10::TensorImpl>(
        c10::Storage(state.storage()), c10::DispatchKeySet(c10::DispatchKey::CPU), state.dtype());
    bytes.unsafeGetTensorImpl()->set_sizes_and_strides(state.sizes(), state.strides(), state.storage_offset());
    const auto own = inner.unsafeGetGeneratorImpl()->get_state()->numel();
    TORCH_CHECK(bytes.numel() == own + 8, "RNG state is wrong size");
    inner.unsafeGetGeneratorImpl()->set_state(*bytes.slice(0, 0, own).clone().unsafeGetTensorImpl());
  }
  c10::intrusive_ptr<c10::TensorImpl> get_state() const override {
    at::Tensor own(inner.unsafeGetGeneratorImpl()->get_state());
    return at::cat({own, at::zeros({8}, own.options())}).getIntrusivePtr();
  }
  Draws* clone_impl() const override { return new Draws(inner.clone()); }
  at::Generator inner;
};
at::Generator new_generator() {
  return at::Generator(c10::make_intrusive<Draws>(at::make_generator<at::CPUGeneratorImpl>()));
}

// --- what libtorch asks of CUDA --------------------------------------------------------------------------------------

struct Hooks final : at::CUDAHooksInterface {
  explicit Hooks(at::CUDAHooksArgs) {}
  void init() const override {}
  bool hasCUDA() const override { return true; }
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  int getNumGPUs() const override { return 1; }
  c10::DeviceIndex deviceCount() const override { return 1; }
  c10::DeviceIndex current_device() const override { return 0; }
  c10::DeviceIndex getCurrentDevice() const override { return 0; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  void deviceSynchronize(c10::DeviceIndex) const override {}
  at::Device getDeviceFromPtr(void*) const override { return here; }
  c10::Allocator* getCUDADeviceAllocator() const override { return &memory; }
  c10::Allocator* getPinnedMemoryAllocator() const override { return c10::GetAllocator(c10::kCPU); }
  const at::Generator& getDefaultGenerator(c10::DeviceIndex) const override {
    static const at::Generator generator = new_generator();
    return generator;
  }
  at::Generator getNewGenerator(c10::DeviceIndex) const override { return new_generator(); }
};
at::RegistererCUDAHooksRegistry hooks("CUDAHooks", at::CUDAHooksRegistry(),
                                      at::RegistererCUDAHooksRegistry::DefaultCreator<Hooks>);

/// Everything is done when it is asked for, so that events have nothing to wait for.
struct Guard final : c10::impl::NoOpDeviceGuardImpl<at::kCUDA> {
  void record(void**, const c10::Stream&, const c10::DeviceIndex, const c10::EventFlag) const override {}
  void block(void*, const c10::Stream&) const override {}
  bool queryEvent(void*) const override { return true; }
  void* getStreamNativeHandle(const c10::Stream) const override { return nullptr; }
  c10::Stream getStreamFromGlobalPool(at::Device, bool) const override { return c10::Stream(c10::Stream::DEFAULT, here); }
  at::Device exchangeDevice(at::Device) const override { return here; }
  at::Device getDevice() const override { return here; }
  c10::Stream getStream(at::Device) const noexcept override { return c10::Stream(c10::Stream::DEFAULT, here); }
  c10::Stream getDefaultStream(at::Device) const override { return c10::Stream(c10::Stream::DEFAULT, here); }
  c10::Stream exchangeStream(c10::Stream) const noexcept override { return c10::Stream(c10::Stream::DEFAULT, here); }
};
C10_REGISTER_GUARD_IMPL(CUDA, Guard)

// --- operators -------------------------------------------------------------------------------------------------------

/// The arguments of one call on the host, and which tensor each stands for.
struct Arguments {
  std::string name;
  bool indices_may_be_on_host;
  std::vector<std::pair<at::Tensor, at::Tensor>> aliases;
  bool on_device = false;
  at::Tensor foreign;

  at::Tensor host(const at::Tensor& tensor) {
    if (!tensor.defined()) return tensor;
    if (!tensor.is_cuda()) {
      if (tensor.dim() > 0) foreign = tensor;
      return tensor;
    }
    on_device = true;
    for (const auto& [device, alias] : aliases) if (device.is_same(tensor)) return alias;
    aliases.emplace_back(tensor, renamed(tensor, at::kCPU));
    return aliases.back().second;
  }
  c10::IValue host(const c10::IValue& value) {
    if (value.isTensor()) return host(value.toTensor());
    if (value.isTensorList()) {
      std::vector<at::Tensor> list;
      for (const at::Tensor& tensor : value.toTensorVector()) list.push_back(host(tensor));
      return list;
    }
    if (value.isOptionalTensorList()) {
      c10::List<std::optional<at::Tensor>> list;
      for (const std::optional<at::Tensor>& tensor : value.toOptionalTensorList())
        list.push_back(tensor ? std::optional<at::Tensor>(host(*tensor)) : std::nullopt);
      return list;
    }
    if (value.isDevice() && value.toDevice().is_cuda()) {
      on_device = true;
      return c10::IValue(at::Device(at::kCPU));
    }
    if (value.isGenerator()) {
      auto generator = value.toGenerator();
      Tape* recording = tape;
      TORCH_CHECK(!recording || recording->draws(generator),
                  "Attempt to increase offset for a CUDA generator not in capture mode.");
      TORCH_CHECK(generator.device().is_cuda(), name, ": Expected a 'cuda' device type for generator but found 'cpu'");
      return c10::IValue(static_cast<Draws*>(generator.unsafeGetGeneratorImpl())->inner);
    }
    return value;
  }
  at::Tensor device(const at::Tensor& result) {
    if (!result.defined() || !result.is_cpu()) return result;
    for (const auto& [device, alias] : aliases) if (alias.is_same(result)) return device;
    for (const auto& [device, alias] : aliases)
      if (result.storage().data() && alias.storage().data() == result.storage().data()) return view_of(device, result);
    return renamed(result, here);
  }
  c10::IValue device(const c10::IValue& value) {
    if (value.isTensor()) return device(value.toTensor());
    if (value.isTensorList()) {
      std::vector<at::Tensor> list;
      for (const at::Tensor& tensor : value.toTensorVector()) list.push_back(device(tensor));
      return list;
    }
    return value;
  }
  /// Outputs that an operator resized take their new memory along.
  void settle() {
    for (const auto& [device, alias] : aliases) {
      if (shown(device.storage().data()) != alias.storage().data()) {
        device.unsafeGetTensorImpl()->set_storage_keep_dtype(renamed(alias, here).storage());
      }
      if (device.sizes() != alias.sizes() || device.strides() != alias.strides()) {
        device.unsafeGetTensorImpl()->set_sizes_and_strides(alias.sizes(), alias.strides(), alias.storage_offset());
      }
    }
  }
};

/// Whether an operator looks at values on the host, which CUDA cannot record.
bool waits(const std::string& name) {
  for (const char* one : {"aten::_local_scalar_dense", "aten::nonzero", "aten::equal", "aten::masked_select",
                          "aten::is_nonzero", "aten::_unique2", "aten::isin", "aten::repeat_interleave"})
    if (name.rfind(one, 0) == 0) return true;
  return false;
}

/// The tensors of one result.
std::vector<at::Tensor> tensors_of(const c10::IValue& value) {
  if (value.isTensor()) return {value.toTensor()};
  if (value.isTensorList()) return value.toTensorVector();
  return {};
}

/// Adds a call to a recording: a replay computes again and puts what is new where the first results lie.
void record(Tape& recording, const c10::OperatorHandle& op, std::vector<c10::IValue> operands,
            std::vector<c10::IValue> results) {
  for (const auto& result : results)
    for (const at::Tensor& tensor : tensors_of(result))
      if (tensor.defined()) recording.own(tensor);
  recording.calls.push_back([op, operands = std::move(operands), results = std::move(results)] {
    torch::jit::Stack stack(operands.begin(), operands.end());
    op.callBoxed(&stack);
    const size_t first = stack.size() - results.size();
    for (size_t i = 0; i < results.size(); i++) {
      const auto old = tensors_of(results[i]), made = tensors_of(stack[first + i]);
      TORCH_CHECK(old.size() == made.size(), op.schema().name(), ": a replay has other results");
      for (size_t k = 0; k < old.size(); k++) {
        if (!old[k].defined() || old[k].const_data_ptr() == made[k].const_data_ptr()) continue;
        TORCH_CHECK(old[k].sizes() == made[k].sizes(), op.schema().name(), ": a replay has results of other sizes");
        at::Tensor place = old[k].detach();
        place.copy_(made[k]);
      }
    }
  });
}

void on_host(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  Arguments arguments;
  arguments.name = op.schema().name();
  arguments.indices_may_be_on_host =
      arguments.name.rfind("aten::index", 0) == 0 || arguments.name.rfind("aten::_index", 0) == 0;
  const size_t argument_count = op.schema().arguments().size(), first = stack->size() - argument_count;
  for (size_t i = first; i < stack->size(); i++) (*stack)[i] = arguments.host((*stack)[i]);
  const bool is_mixed = arguments.foreign.defined() && arguments.on_device && !arguments.indices_may_be_on_host;
  TORCH_CHECK(!is_mixed, arguments.name, ": Expected all tensors to be on the same device, but found at least two "
              "devices, cuda:0 and cpu! (the latter of shape ", arguments.foreign.sizes(), ")");
  count(arguments.name == "aten::_local_scalar_dense" ? "host read: item" : "operator: " + arguments.name);
  Tape* recording = tape;
  std::vector<c10::IValue> operands;
  if (recording) {
    TORCH_CHECK(!waits(arguments.name), "CUDA error: operation not permitted when stream is capturing (",
                arguments.name, ")");
    operands.assign(stack->begin() + first, stack->end());
    for (const auto& [device, alias] : arguments.aliases) {
      recording->keep(alias);
      recording->borrow(device, alias, arguments.name);
    }
  }
  op.callBoxed(stack);
  arguments.settle();
  if (recording) record(*recording, op, std::move(operands), {stack->end() - op.schema().returns().size(), stack->end()});
  const size_t results = op.schema().returns().size();
  for (size_t i = stack->size() - results; i < stack->size(); i++) (*stack)[i] = arguments.device((*stack)[i]);
}

const c10::DispatchKeySet keys(c10::DispatchKey::CUDA);

/// Memory that is taken while work is recorded is the recording's own.
at::Tensor taken(at::Tensor made) {
  if (Tape* recording = tape) recording->own(renamed(made, at::kCPU));
  return made;
}

at::Tensor empty(at::IntArrayRef sizes, std::optional<at::ScalarType> dtype, std::optional<at::Layout>,
                 std::optional<at::Device>, std::optional<bool>, std::optional<at::MemoryFormat> format) {
  return taken(at::detail::empty_generic(sizes, &memory, keys, c10::dtype_or_default(dtype), format));
}

at::Tensor empty_strided(at::IntArrayRef sizes, at::IntArrayRef strides, std::optional<at::ScalarType> dtype,
                         std::optional<at::Layout>, std::optional<at::Device>, std::optional<bool>) {
  return taken(at::detail::empty_strided_generic(sizes, strides, &memory, keys, c10::dtype_or_default(dtype)));
}

at::Tensor& copy_(at::Tensor& to, const at::Tensor& from, bool) {
  count(!to.is_cuda() ? "host read: copy" : from.is_cuda() ? "operator: aten::copy_" : "host write: copy");
  if (!to.is_cuda() || !from.is_cuda()) refuse_while_recording("copy to or from the host");
  at::Tensor target = to.is_cuda() ? renamed(to, at::kCPU) : to;
  const at::Tensor source = from.is_cuda() ? renamed(from, at::kCPU) : from;
  if (Tape* recording = tape) {
    recording->keep(target);
    recording->keep(source);
    recording->borrow(to, target, "aten::copy_");
    recording->borrow(from, source, "aten::copy_");
    recording->calls.push_back([target, source]() mutable { target.copy_(source); });
  }
  target.copy_(source);
  return to;
}

TORCH_LIBRARY_IMPL(_, CUDA, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&on_host>());
}

TORCH_LIBRARY_IMPL(aten, CUDA, library) {
  library.impl("empty.memory_format", empty);
  library.impl("empty_strided", empty_strided);
  library.impl("copy_", copy_);
  library.impl("record_stream", [](at::Tensor&, c10::Stream) { count("uploads"); });
  library.impl("as_strided", at::native::as_strided_tensorimpl);
  library.impl("view", static_cast<at::Tensor (*)(const at::Tensor&, at::IntArrayRef)>(at::native::view));
  library.impl("_reshape_alias", at::native::_reshape_alias);
  library.impl("unfold", at::native::unfold);
}

}  // namespace
