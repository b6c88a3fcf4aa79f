// Recomputing layers in the backward pass, and autocast, whose state a recomputation brings back.
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <memory>
#include <utility>

#include "processes.h"
#include "seam.h"

namespace {

/// The gradients that are taken meanwhile are parts of leaves' gradients.
struct Recomputing {
  bool outer = std::exchange(nap::is_recomputing, true);
  ~Recomputing() { nap::is_recomputing = outer; }
};

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// The autocast of one kind of device on this thread.
struct Autocast {
  at::DeviceType kind;
  bool enabled;
  at::ScalarType dtype;

  static Autocast current(at::DeviceType kind) {
    return {kind, at::autocast::is_autocast_enabled(kind), at::autocast::get_autocast_dtype(kind)};
  }
  /// Goes over to this state, as the beginning of a scope.
  void begin(const Autocast &before) const {
    at::autocast::increment_nesting();
    set(before);
  }
  /// Goes back to this state, as the end of a scope.
  void resume(const Autocast &inside) const {
    set(inside);
    // Casts of weights are kept for the outermost scope: behind it the weights may change.
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  }

 private:
  void set(const Autocast &before) const {
    // Kept casts are told apart by their weight alone, not by their type.
    if (before.enabled && enabled && before.dtype != dtype) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(kind, enabled);
    at::autocast::set_autocast_dtype(kind, dtype);
  }
};

/// What the caller computes.
struct Body {
  nap_recomputable call;
  void (*release)(void *);
  void *context;
  Autocast autocast;

  Body(nap_recomputable call, void (*release)(void *), void *context, Autocast autocast)
      : call(call), release(release), context(context), autocast(autocast) {}
  Body(const Body &) = delete;
  Body &operator=(const Body &) = delete;
  ~Body() { release(context); }

  at::Tensor operator()(const at::Tensor &input) const {
    nap_tensor output = nullptr;
    const int status = call(context, nap::give(input), &output);
    const auto result = nap::borrow(output);
    call(context, nullptr, nullptr);
    TORCH_CHECK(status == 0 && result.defined(), "a layer that is recomputed failed");
    return result;
  }
};

/// Holds the body for as long as the graph does.
struct Holder : torch::CustomClassHolder {
  explicit Holder(std::shared_ptr<Body> body) : body(std::move(body)) {}
  std::shared_ptr<Body> body;
};

struct Recomputed : torch::autograd::Function<Recomputed> {
  static at::Tensor forward(AutogradContext *context, const std::shared_ptr<Body> &body, at::TensorList inputs) {
    context->save_for_backward(inputs.vec());
    context->saved_data["body"] = c10::IValue::make_capsule(c10::make_intrusive<Holder>(body));
    return (*body)(inputs[0]);
  }

  static variable_list backward(AutogradContext *context, const variable_list &gradients) {
    TORCH_CHECK(!at::GradMode::is_enabled(), "a layer that is recomputed has no second derivative; turn activation ",
                "checkpointing off where gradients are differentiated again");
    const auto body = c10::static_intrusive_pointer_cast<Holder>(context->saved_data["body"].toCapsule())->body;
    auto inputs = context->get_saved_variables();
    inputs[0] = inputs[0].detach().requires_grad_(inputs[0].requires_grad());
    const auto outside = Autocast::current(body->autocast.kind);
    body->autocast.begin(outside);
    at::Tensor output;
    try {
      at::AutoGradMode recording(true);
      output = (*body)(inputs[0]);
    } catch (...) {
      outside.resume(body->autocast);
      throw;
    }
    outside.resume(body->autocast);
    variable_list wanted;
    for (const auto &input : inputs)
      if (input.requires_grad()) wanted.push_back(input);
    const Recomputing inside;
    const auto found = torch::autograd::grad({output}, wanted, {gradients[0]}, false, false, true);
    variable_list result{at::Tensor()};
    size_t next = 0;
    for (const auto &input : inputs) result.push_back(input.requires_grad() ? found[next++] : at::Tensor());
    return result;
  }
};

}  // namespace

int nap_recompute(nap_tensor input, const nap_tensor *parameters, nap_int count, nap_recomputable call,
                  void (*release)(void *), void *context, nap_tensor *out) {
  return nap::guarded([&] {
    const auto x = nap::borrow(input);
    const auto kind = x.defined() ? x.device().type() : at::kCPU;
    // From here on the context is released, whatever fails.
    const auto body = std::make_shared<Body>(call, release, context, Autocast::current(kind));
    variable_list inputs{nap::required(input)};
    for (auto &parameter : nap::tensors(parameters, count)) inputs.push_back(parameter);
    *out = nap::give(Recomputed::apply(body, at::TensorList(inputs)));
  });
}

int nap_autocast_begin(nap_device where, int dtype, nap_scalar *previous) {
  return nap::guarded([&] {
    const auto kind = nap::device(where).type();
    const auto type = nap::dtype(dtype);
    TORCH_CHECK(type == at::kBFloat16 || type == at::kHalf, "autocast computes in bfloat16 or float16, not in ", type);
    const auto before = Autocast::current(kind);
    *previous = {before.enabled ? 1 : 0, static_cast<int64_t>(before.dtype), 0};
    Autocast{kind, true, type}.begin(before);
  });
}

void nap_autocast_end(nap_device where, nap_scalar previous) {
  (void)nap::guarded([&] {
    const auto kind = nap::device(where).type();
    Autocast{kind, previous.kind == 1, nap::dtype(static_cast<int>(previous.integer))}.resume(Autocast::current(kind));
  });
}
