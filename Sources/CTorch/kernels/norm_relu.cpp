// Normalization joined with its activation, as one differentiable operator.
#include "kernels.h"
#include "norm_loops.h"
#include "parallel.h"

#include <ATen/ops/add.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/rms_norm.h>
#include <ATen/ops/zeros_like.h>
#include <c10/util/Exception.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>

namespace nap::kernels {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using MaybeTensor = std::optional<at::Tensor>;

/// What both directions need; a row is a flat piece of memory in each.
struct Operands {
  at::Tensor x, scale, offset;   // scale and offset may be undefined
  NormRelu options;
  int64_t rows() const { return x.numel() / options.normalized_size; }
};

template <typename T>
RowShape<T> row_shape(const Operands& in) {
  return {in.options.normalized_size, in.options.kind == NormKind::layer, in.options.epsilon,
          static_cast<T>(in.options.slope),
          in.scale.defined() ? const_elements<T>(in.scale) : nullptr,
          in.offset.defined() ? const_elements<T>(in.offset) : nullptr};
}

/// Rows in an item of work: a few thousand elements, so that handing it out costs little.
int64_t rows_an_item(int64_t rows, int64_t size) {
  return std::clamp<int64_t>(4096 / size, 1, std::max<int64_t>(rows, 1));
}

/// Rows in an item of the backward pass with scale or offset, where each item keeps sums of its own:
/// at most 64 items, so that these stay small.
int64_t rows_a_part(int64_t rows, int64_t size) {
  return std::max({rows_an_item(rows, size), (rows + 63) / 64, std::min<int64_t>(rows, 4)});
}

template <typename T>
void forward_rows(const Operands& in, const at::Tensor& y, T* moments) {
  const auto shape = row_shape<T>(in);
  const int64_t rows = in.rows(), size = shape.size, step = rows_an_item(rows, size);
  const T* x = const_elements<T>(in.x);
  T* out = y.mutable_data_ptr<T>();
  parallel((rows + step - 1) / step, [&](int64_t item) {
    for (int64_t r = item * step; r < std::min(rows, (item + 1) * step); ++r) {
      const auto found = norm_row_forward(x + r * size, out + r * size, shape);
      if (!moments) continue;
      moments[2 * r] = found.mean;
      moments[2 * r + 1] = found.inverse_deviation;
    }
  });
}

template <typename T>
void backward_rows(const Operands& in, const at::Tensor& moments, const at::Tensor& dy,
                   const at::Tensor& dx, const at::Tensor& dscale, const at::Tensor& doffset) {
  const auto shape = row_shape<T>(in);
  const bool sums = dscale.defined() || doffset.defined();
  const int64_t rows = in.rows(), size = shape.size;
  const int64_t step = sums ? rows_a_part(rows, size) : rows_an_item(rows, size);
  const int64_t items = (rows + step - 1) / step;
  const int64_t width = size * ((dscale.defined() ? 1 : 0) + (doffset.defined() ? 1 : 0));
  const auto partial = sums ? at::empty({items, width}, dx.options()) : at::Tensor();
  T* const parts = sums ? partial.mutable_data_ptr<T>() : nullptr;
  const T* x = const_elements<T>(in.x);
  const T* g = const_elements<T>(dy);
  const T* stats = const_elements<T>(moments);
  T* out = dx.mutable_data_ptr<T>();
  parallel(items, [&](int64_t item) {
    T* own = sums ? parts + item * width : nullptr;
    if (own) std::fill(own, own + width, T(0));
    T* scale_sum = dscale.defined() ? own : nullptr;
    T* offset_sum = doffset.defined() ? own + (scale_sum ? size : 0) : nullptr;
    for (int64_t r = item * step; r < std::min(rows, (item + 1) * step); ++r)
      norm_row_backward(x + r * size, g + r * size, out + r * size, scale_sum, offset_sum,
                        {stats[2 * r], stats[2 * r + 1]}, shape);
  });
  // Parts are added in order, so the result does not depend on who filled which.
  const auto reduce = [&](const at::Tensor& total, int64_t start) {
    if (!total.defined()) return;
    constexpr int64_t stretch = 1024;
    T* sum = total.mutable_data_ptr<T>();
    parallel((size + stretch - 1) / stretch, [&](int64_t i) {
      const int64_t begin = i * stretch;
      add_columns(parts + start + begin, items, width, sum + begin, std::min(stretch, size - begin));
    });
  };
  reduce(dscale, 0);
  reduce(doffset, dscale.defined() ? size : 0);
}

at::Tensor forward(const Operands& in, const at::Tensor& moments) {
  auto y = at::empty_like(in.x);
  if (in.x.numel() == 0) return y;
  if (in.x.scalar_type() == at::kFloat) {
    forward_rows<float>(in, y, moments.defined() ? moments.mutable_data_ptr<float>() : nullptr);
  } else {
    forward_rows<double>(in, y, moments.defined() ? moments.mutable_data_ptr<double>() : nullptr);
  }
  return y;
}

/// `tensor` in the memory order of `x`.
at::Tensor in_order_of(const at::Tensor& x, const at::Tensor& tensor) {
  if (tensor.strides() == x.strides()) return tensor;
  if (x.is_contiguous()) return tensor.contiguous();
  return at::empty_like(x).copy_(tensor);
}

/// The gradients, themselves an operator: differentiating it again is the error that says so.
struct NormReluGradient : torch::autograd::Function<NormReluGradient> {
  static variable_list forward(AutogradContext*, const at::Tensor& dy, const at::Tensor& x,
                               const MaybeTensor& scale, const MaybeTensor& offset,
                               const at::Tensor& moments, const NormRelu& options,
                               std::array<bool, 2> wanted) {
    const Operands in{x, scale.value_or(at::Tensor()), offset.value_or(at::Tensor()), options};
    const auto dy_in_order = in_order_of(x, dy);
    const auto dx = at::empty_like(x);
    const auto dscale = wanted[0] ? at::zeros_like(in.scale) : at::Tensor();
    const auto doffset = wanted[1] ? at::zeros_like(in.offset) : at::Tensor();
    if (x.numel() > 0) {
      if (x.scalar_type() == at::kFloat) {
        backward_rows<float>(in, moments, dy_in_order, dx, dscale, doffset);
      } else {
        backward_rows<double>(in, moments, dy_in_order, dx, dscale, doffset);
      }
    }
    variable_list found{dx};  // only what is defined: autograd wraps every output
    if (wanted[0]) found.push_back(dscale);
    if (wanted[1]) found.push_back(doffset);
    return found;
  }

  static variable_list backward(AutogradContext*, const variable_list&) {
    TORCH_CHECK(false, "norm_relu: the fused kernel has no second derivative; take the unfused ",
                "operators (norm_relu_unfused) where gradients are differentiated again");
  }
};

struct NormReluFunction : torch::autograd::Function<NormReluFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const MaybeTensor& scale,
                            const MaybeTensor& offset, const NormRelu& options) {
    const Operands in{x, scale.value_or(at::Tensor()), offset.value_or(at::Tensor()), options};
    const auto moments = at::empty({in.rows(), 2}, x.options());
    context->save_for_backward({x, in.scale, in.offset, moments});
    context->saved_data["options"] = std::vector<double>{
        static_cast<double>(options.kind), static_cast<double>(options.normalized_size),
        options.epsilon, options.slope};
    return kernels::forward(in, moments);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const auto numbers = context->saved_data["options"].toDoubleVector();
    const NormRelu options{static_cast<NormKind>(static_cast<int>(numbers[0])),
                           static_cast<int64_t>(numbers[1]), numbers[2], numbers[3]};
    const auto maybe = [](const at::Tensor& t) { return t.defined() ? MaybeTensor(t) : std::nullopt; };
    const MaybeTensor scale = maybe(saved[1]), offset = maybe(saved[2]);
    const std::array<bool, 2> wanted{scale && context->needs_input_grad(1),
                                     offset && context->needs_input_grad(2)};
    const auto result = at::GradMode::is_enabled()
                      ? NormReluGradient::apply(gradients[0], saved[0], scale, offset, saved[3],
                                                options, wanted)
                      : NormReluGradient::forward(nullptr, gradients[0], saved[0], scale, offset,
                                                  saved[3], options, wanted);
    const auto dscale = wanted[0] ? result[1] : at::Tensor();
    return {result[0], dscale, wanted[1] ? result.back() : at::Tensor(), at::Tensor()};
  }
};

/// The trailing dimensions whose product is `size`, or an error.
at::IntArrayRef trailing_shape(const at::Tensor& x, int64_t size) {
  int64_t product = 1, first = x.dim();
  while (first > 0 && (product < size || first == x.dim())) product *= x.size(--first);
  TORCH_CHECK(size > 0 && product == size, "norm_relu: ", size,
              " is not the product of the last dimensions of an input of shape ", x.sizes());
  return x.sizes().slice(first);
}

void check_affine(const char* name, const at::Tensor& x, const MaybeTensor& value, int64_t size) {
  if (!value) return;
  TORCH_CHECK(value->numel() == size, "norm_relu: ", name, " of shape ", value->sizes(),
              " does not have the ", size, " elements that are normalized together");
  TORCH_CHECK(value->scalar_type() == x.scalar_type() && value->device() == x.device(),
              "norm_relu: ", name, " is ", value->scalar_type(), " on ", value->device(),
              ", the input ", x.scalar_type(), " on ", x.device());
}

bool fits_rows(const at::Tensor& x) {
  const auto type = x.scalar_type();
  return x.is_cpu() && x.layout() == at::kStrided && (type == at::kFloat || type == at::kDouble);
}

/// Whether each example is one flat piece of memory in some order of its own (channels-last).
bool flat_examples(const at::Tensor& x, int64_t size) {
  return x.dim() > 1 && x.is_non_overlapping_and_dense() && x.size(0) * size == x.numel() &&
         (x.stride(0) == size || x.size(0) == 1);
}

MaybeTensor present(const MaybeTensor& value) {
  return value && value->defined() ? value : std::nullopt;
}

}  // namespace

at::Tensor norm_relu(const at::Tensor& x, const MaybeTensor& scale_or_not,
                     const MaybeTensor& offset_or_not, const NormRelu& options) {
  auto scale = present(scale_or_not), offset = present(offset_or_not);
  const int64_t size = options.normalized_size;
  trailing_shape(x, size);
  check_affine("scale", x, scale, size);
  check_affine("offset", x, offset, size);
  if (!fits_rows(x)) return norm_relu_unfused(x, scale, offset, options);
  if (offset && !scale) scale = at::ones({size}, offset->options().requires_grad(false));
  if (scale) scale = scale->contiguous();
  if (offset) offset = offset->contiguous();
  const auto rows = x.is_contiguous() || (!scale && flat_examples(x, size)) ? x : x.contiguous();
  const auto needs = [](const MaybeTensor& t) { return t && t->requires_grad(); };
  if (at::GradMode::is_enabled() && (x.requires_grad() || needs(scale) || needs(offset)))
    return NormReluFunction::apply(rows, scale, offset, options);
  return forward({rows, scale.value_or(at::Tensor()), offset.value_or(at::Tensor()), options}, {});
}

at::Tensor norm_relu_unfused(const at::Tensor& x, const MaybeTensor& scale_or_not,
                             const MaybeTensor& offset_or_not, const NormRelu& options) {
  const auto shape = trailing_shape(x, options.normalized_size);
  const auto shaped = [&](const MaybeTensor& value) {
    const auto found = present(value);
    return found ? MaybeTensor(found->reshape(shape)) : std::nullopt;
  };
  const auto scale = shaped(scale_or_not), offset = shaped(offset_or_not);
  at::Tensor z;
  if (options.kind == NormKind::layer) {
    z = at::layer_norm(x, shape, scale, offset, options.epsilon);
  } else {
    z = at::rms_norm(x, shape, scale, options.epsilon);
    if (offset) z = at::add(z, *offset);
  }
  if (options.slope == 1) return z;
  return options.slope == 0 ? at::relu(z) : at::leaky_relu(z, options.slope);
}

}  // namespace nap::kernels
