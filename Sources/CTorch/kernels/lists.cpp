// What the lists of tensors must look like.
#include "multi_tensor.h"

#include <ATen/ops/empty_like.h>
#include <c10/util/Exception.h>

#include <cmath>

namespace nap::kernels {
namespace {

bool dense(const at::Tensor& tensor) { return tensor.is_non_overlapping_and_dense(); }

/// Equal strides, up to dimensions of one element, where a stride means nothing.
bool same_layout(const at::Tensor& a, const at::Tensor& b) {
  for (int64_t d = 0; d < a.dim(); ++d)
    if (a.size(d) > 1 && a.stride(d) != b.stride(d)) return false;
  return true;
}

}  // namespace

void check_projection(size_t tensor_count, const Projection& projection) {
  const auto groups = static_cast<int64_t>(projection.radius.size());
  TORCH_CHECK(projection.group.empty() ? groups == 0 : projection.group.size() == tensor_count,
              "projection: expected one group index for each of ", tensor_count,
              " tensors, found ", projection.group.size(), " (and ", groups, " radii)");
  std::vector<bool> named(groups, false);
  for (int64_t g : projection.group) {
    TORCH_CHECK(g >= -1 && g < groups, "projection: group index ", g, " is outside -1 ..< ", groups);
    if (g >= 0) named[g] = true;
  }
  for (int64_t g = 0; g < groups; ++g) {
    TORCH_CHECK(named[g], "projection: no tensor belongs to group ", g);
    const double radius = projection.radius[g];
    TORCH_CHECK(std::isfinite(radius) && radius >= 0,
                "projection: radius of group ", g, " must be finite and not negative, found ", radius);
  }
}

void check_rates(const char* kernel, size_t tensor_count, const Step& step) {
  TORCH_CHECK(step.rate_factor.empty() || step.rate_factor.size() == tensor_count, kernel,
              ": expected one rate factor for each of ", tensor_count, " tensors, found ",
              step.rate_factor.size());
  for (double factor : step.rate_factor)
    TORCH_CHECK(std::isfinite(factor) && factor >= 0, kernel,
                ": a rate factor must be finite and not negative, found ", factor);
}

bool fits_loops(Tensors parameters) {
  for (const at::Tensor& tensor : parameters) {
    const auto type = tensor.scalar_type();
    if (!tensor.is_cpu() || tensor.layout() != at::kStrided) return false;
    if (type != at::kFloat && type != at::kDouble) return false;
    if (type != parameters[0].scalar_type()) return false;
  }
  return !parameters.empty();
}

void check_list(const char* kernel, const char* name, Tensors parameters, Tensors list) {
  TORCH_CHECK(list.size() == parameters.size(), kernel, ": expected ", parameters.size(), " ", name,
              ", found ", list.size());
  for (size_t t = 0; t < list.size(); ++t) {
    TORCH_CHECK(list[t].defined(), kernel, ": ", name, "[", t, "] is undefined");
    TORCH_CHECK(list[t].sizes() == parameters[t].sizes(), kernel, ": ", name, "[", t, "] has shape ",
                list[t].sizes(), ", its parameter ", parameters[t].sizes());
    TORCH_CHECK(list[t].scalar_type() == parameters[t].scalar_type() &&
                    list[t].device() == parameters[t].device(),
                kernel, ": ", name, "[", t, "] is ", list[t].scalar_type(), " on ", list[t].device(),
                ", its parameter ", parameters[t].scalar_type(), " on ", parameters[t].device());
  }
}

void check_memory(const char* kernel, const char* name, Tensors parameters, Tensors state) {
  for (size_t t = 0; t < state.size(); ++t) {
    TORCH_CHECK(dense(state[t]), kernel, ": ", name, "[", t,
                "] is a view with gaps or overlaps (strides ", state[t].strides(),
                "); make it contiguous");
    TORCH_CHECK(same_layout(state[t], parameters[t]), kernel, ": ", name, "[", t, "] has strides ",
                state[t].strides(), ", its parameter ", parameters[t].strides());
  }
}

std::vector<at::Tensor> laid_out_like(Tensors parameters, Tensors gradients) {
  std::vector<at::Tensor> result;
  result.reserve(gradients.size());
  for (size_t t = 0; t < gradients.size(); ++t) {
    const at::Tensor gradient = gradients[t].detach();
    if (dense(gradient) && same_layout(gradient, parameters[t])) {
      result.push_back(gradient);
    } else {
      auto copy = at::empty_like(parameters[t].detach(), at::MemoryFormat::Preserve);
      copy.copy_(gradient);
      result.push_back(copy);
    }
  }
  return result;
}

}  // namespace nap::kernels
