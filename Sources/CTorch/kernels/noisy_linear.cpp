// A linear layer of a noisy matrix, as one differentiable operator.
//
// Measured on one core of an Intel Xeon (Sapphire Rapids) before the loops took their present tile, 32 rows, 3136 inputs,
// 512 outputs: the matrix by operators and MKL's product 3.46 ms, one kernel 0.87; the gradients of W and S 2.3 against
// 0.8 ms.
#include "kernels.h"
#include "noisy_loops.h"
#include "parallel.h"

#include <ATen/ops/addcmul.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/mul.h>
#include <c10/util/Exception.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <vector>

namespace nap::kernels {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using MaybeTensor = std::optional<at::Tensor>;

template <typename T>
NoisyMatrix<T> matrix_of(const NoisyLinear& layer) {
  return {layer.weight.size(1), layer.weight.size(0), const_elements<T>(layer.weight),
          const_elements<T>(layer.deviation), const_elements<T>(layer.input_factors),
          const_elements<T>(layer.output_factors)};
}

/// Calls `body(begin, end)` for stretches of the layer's outputs, each of at least two tiles where there are as many.
template <typename Body>
void for_outputs(int64_t outputs, Body body) {
  const int64_t stretch = 2 * noisy_tile().outputs;
  const int64_t items = std::max<int64_t>(1, outputs / stretch);
  parallel(items, [&](int64_t item) {
    body(item * stretch, item + 1 == items ? outputs : (item + 1) * stretch);
  });
}

/// y, and the noisy matrix where `matrix` is defined.
template <typename T>
at::Tensor forward(const at::Tensor& x, const NoisyLinear& layer, const at::Tensor& matrix) {
  constexpr int64_t stretch = 256;
  const auto noisy = matrix_of<T>(layer);
  const int64_t rows = x.size(0), width = noisy_tile().bytes / static_cast<int64_t>(sizeof(T));
  const auto packed = at::empty({(rows + width - 1) / width * width, noisy.inputs}, x.options());
  const auto y = at::empty({rows, noisy.outputs}, x.options());
  const T* from = const_elements<T>(x);
  T* to = packed.template mutable_data_ptr<T>();
  parallel((noisy.inputs + stretch - 1) / stretch, [&](int64_t item) {
    const int64_t begin = item * stretch;
    noisy_pack(from, rows, noisy.inputs, begin, std::min(noisy.inputs, begin + stretch), to);
  });
  const T* bias = layer.bias ? const_elements<T>(*layer.bias) : nullptr;
  T* out = y.template mutable_data_ptr<T>();
  T* kept = matrix.defined() ? matrix.template mutable_data_ptr<T>() : nullptr;
  for_outputs(noisy.outputs, [&](int64_t begin, int64_t end) {
    noisy_forward(noisy, to, bias, rows, begin, end, out, kept);
  });
  return y;
}

at::Tensor forward(const at::Tensor& x, const NoisyLinear& layer, const at::Tensor& matrix) {
  return x.scalar_type() == at::kFloat ? forward<float>(x, layer, matrix)
                                       : forward<double>(x, layer, matrix);
}

/// Enough reading for a thread to be worth waking.
constexpr int64_t worth_a_thread = 1 << 17;

/// y of one row, without gradients: what a rectifier left of an image is zero in long stretches, by which W and S need not be read.
template <typename T>
at::Tensor forward_one(const at::Tensor& x, const NoisyLinear& layer) {
  constexpr int64_t width = NoisyInput<T>::width;
  const auto noisy = matrix_of<T>(layer);
  const T* from = const_elements<T>(x);
  std::vector<int64_t> begins;
  std::vector<T> values, scaled;
  begins.reserve(noisy.inputs / width);
  values.reserve(noisy.inputs);
  for (int64_t begin = 0; begin < noisy.inputs; begin += width) {
    bool is_zero = true;
    for (int64_t k = begin; k < begin + width; ++k) is_zero &= from[k] == T(0);
    if (is_zero) continue;
    begins.push_back(begin);
    values.insert(values.end(), from + begin, from + begin + width);
  }
  scaled.resize(values.size());
  for (size_t n = 0; n < values.size(); ++n)
    scaled[n] = values[n] * noisy.input_factors[begins[n / width] + static_cast<int64_t>(n % width)];
  const NoisyInput<T> input{static_cast<int64_t>(begins.size()), begins.data(), values.data(), scaled.data()};
  const auto y = at::empty({1, noisy.outputs}, x.options());
  const T* bias = layer.bias ? const_elements<T>(*layer.bias) : nullptr;
  T* out = y.template mutable_data_ptr<T>();
  const int64_t stretch = std::max<int64_t>(1, worth_a_thread / noisy.inputs);
  parallel((noisy.outputs + stretch - 1) / stretch, [&](int64_t item) {
    const int64_t begin = item * stretch;
    noisy_one(noisy, input, bias, begin, std::min(noisy.outputs, begin + stretch), out);
  });
  return y;
}

/// y of a few rows, without gradients.
template <typename T>
at::Tensor forward_few(const at::Tensor& x, const NoisyLinear& layer) {
  const auto noisy = matrix_of<T>(layer);
  if (x.size(0) == 1 && noisy.inputs % NoisyInput<T>::width == 0) return forward_one<T>(x, layer);
  const auto scaled = at::mul(x, layer.input_factors);
  const auto y = at::empty({x.size(0), noisy.outputs}, x.options());
  const T *from = const_elements<T>(x), *factors = const_elements<T>(scaled);
  const T* bias = layer.bias ? const_elements<T>(*layer.bias) : nullptr;
  T* out = y.template mutable_data_ptr<T>();
  const int64_t stretch = std::max<int64_t>(1, worth_a_thread / noisy.inputs);
  parallel((noisy.outputs + stretch - 1) / stretch, [&](int64_t item) {
    const int64_t begin = item * stretch;
    noisy_few(noisy, from, factors, bias, x.size(0), begin, std::min(noisy.outputs, begin + stretch), out);
  });
  return y;
}

template <typename T>
void weight_gradients(const at::Tensor& x, const at::Tensor& dy, const NoisyLinear& layer,
                      const at::Tensor& dweight, const at::Tensor& ddeviation) {
  const auto noisy = matrix_of<T>(layer);
  const T* from = const_elements<T>(x);
  const T* gradient = const_elements<T>(dy);
  T* mean = dweight.template mutable_data_ptr<T>();
  T* deviation = ddeviation.template mutable_data_ptr<T>();
  for_outputs(noisy.outputs, [&](int64_t begin, int64_t end) {
    noisy_backward(noisy, from, gradient, x.size(0), begin, end, mean, deviation);
  });
}

/// The gradients, themselves an operator: differentiating it again is the error that says so.
struct NoisyLinearGradient : torch::autograd::Function<NoisyLinearGradient> {
  static variable_list forward(AutogradContext*, const at::Tensor& dy, const at::Tensor& x,
                               const NoisyLinear& layer, const at::Tensor& matrix, bool biased) {
    const auto gradient = dy.contiguous();
    const auto dweight = at::empty_like(layer.weight), ddeviation = at::empty_like(layer.weight);
    if (x.scalar_type() == at::kFloat) {
      weight_gradients<float>(x, gradient, layer, dweight, ddeviation);
    } else {
      weight_gradients<double>(x, gradient, layer, dweight, ddeviation);
    }
    variable_list found{dweight, ddeviation};  // only what is defined: autograd wraps every output
    if (biased) found.push_back(gradient.sum(0));
    if (matrix.defined()) found.push_back(kernels::linear(gradient, matrix.t(), std::nullopt));
    return found;
  }

  static variable_list backward(AutogradContext*, const variable_list&) {
    TORCH_CHECK(false, "noisy_linear: the fused kernel has no second derivative; take the unfused ",
                "operators (noisy_linear_unfused) where gradients are differentiated again");
  }
};

struct NoisyLinearFunction : torch::autograd::Function<NoisyLinearFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& deviation, const at::Tensor& input_factors,
                            const at::Tensor& output_factors, const MaybeTensor& bias) {
    // The matrix is kept for the gradient of x alone.
    const auto matrix = x.requires_grad() ? at::empty_like(weight) : at::Tensor();
    context->save_for_backward({x, weight, deviation, input_factors, output_factors, matrix});
    context->saved_data["biased"] = bias.has_value();
    return kernels::forward(x, {weight, deviation, input_factors, output_factors, bias}, matrix);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const NoisyLinear layer{saved[1], saved[2], saved[3], saved[4], std::nullopt};
    // An absent bias has no place among the inputs.
    const bool biased = context->saved_data["biased"].toBool() && context->needs_input_grad(5);
    const auto found =
        at::GradMode::is_enabled()
            ? NoisyLinearGradient::apply(gradients[0], saved[0], layer, saved[5], biased)
            : NoisyLinearGradient::forward(nullptr, gradients[0], saved[0], layer, saved[5], biased);
    const auto none = at::Tensor();
    return {saved[5].defined() ? found.back() : none, context->needs_input_grad(1) ? found[0] : none,
            context->needs_input_grad(2) ? found[1] : none, none, none, biased ? found[2] : none};
  }
};

bool fits(const at::Tensor& x, const at::Tensor& tensor) {
  return tensor.scalar_type() == x.scalar_type() && tensor.is_cpu() && tensor.is_contiguous();
}

/// Whether loops of ours can read what the layer is made of.
bool fits_loops(const at::Tensor& x, const NoisyLinear& layer) {
  const auto type = x.scalar_type();
  return (type == at::kFloat || type == at::kDouble) && x.is_cpu() && x.layout() == at::kStrided &&
         x.numel() > 0 && fits(x, layer.weight) && fits(x, layer.deviation) &&
         fits(x, layer.input_factors) && fits(x, layer.output_factors) &&
         (!layer.bias || fits(x, *layer.bias));
}

/// Whether tiles cover so many rows and the layer.
bool fits_tiles(const at::Tensor& rows, const NoisyLinear& layer) {
  const NoisyTile tile = noisy_tile();
  return tile.outputs > 0 && layer.weight.size(0) >= tile.outputs &&
         layer.weight.size(1) % (tile.bytes / static_cast<int64_t>(rows.element_size())) == 0 &&
         rows.size(0) <= noisy_row_limit;
}

void check(const at::Tensor& x, const NoisyLinear& layer) {
  TORCH_CHECK(layer.weight.dim() == 2 && layer.weight.numel() > 0 && x.dim() >= 1 &&
                  x.size(-1) == layer.weight.size(1),
              "noisy_linear: an input of shape ", x.sizes(), " does not meet a weight of shape ", layer.weight.sizes());
  TORCH_CHECK(layer.deviation.sizes() == layer.weight.sizes(), "noisy_linear: the deviation has shape ",
              layer.deviation.sizes(), ", the weight ", layer.weight.sizes());
  const auto expect = [](const char* name, const at::Tensor& vector, int64_t count) {
    TORCH_CHECK(vector.dim() == 1 && vector.size(0) == count, "noisy_linear: expected ", count, " ", name,
                ", found shape ", vector.sizes());
  };
  expect("factors of inputs", layer.input_factors, layer.weight.size(1));
  expect("factors of outputs", layer.output_factors, layer.weight.size(0));
  if (layer.bias) expect("biases", *layer.bias, layer.weight.size(0));
}

}  // namespace

at::Tensor noisy_linear(const at::Tensor& x, const NoisyLinear& given) {
  NoisyLinear layer = given;
  if (layer.bias && !layer.bias->defined()) layer.bias = std::nullopt;
  check(x, layer);
  if (!fits_loops(x, layer)) return noisy_linear_unfused(x, layer);
  const auto rows = x.reshape({-1, x.size(-1)}).contiguous();
  const bool differentiates =
      at::GradMode::is_enabled() &&
      (x.requires_grad() || layer.weight.requires_grad() || layer.deviation.requires_grad() ||
       (layer.bias && layer.bias->requires_grad()));
  at::Tensor y;
  if (!differentiates && rows.size(0) <= noisy_few_rows) {
    y = rows.scalar_type() == at::kFloat ? forward_few<float>(rows, layer)
                                         : forward_few<double>(rows, layer);
  } else if (!fits_tiles(rows, layer)) {
    return noisy_linear_unfused(x, layer);
  } else if (differentiates) {
    y = NoisyLinearFunction::apply(rows, layer.weight, layer.deviation, layer.input_factors,
                                   layer.output_factors, layer.bias);
  } else {
    y = forward(rows, layer, {});
  }
  auto shape = x.sizes().vec();
  shape.back() = layer.weight.size(0);
  return y.view(shape);
}

at::Tensor noisy_linear_unfused(const at::Tensor& x, const NoisyLinear& layer) {
  // For a few rows a second product costs less than the matrix.
  if (x.numel() / layer.weight.size(1) < 16) {
    const auto mean = kernels::linear(x, layer.weight, layer.bias);
    const auto noise = kernels::linear(at::mul(x, layer.input_factors), layer.deviation, std::nullopt);
    return at::addcmul(mean, noise, layer.output_factors);
  }
  const auto factors = at::mul(layer.output_factors.unsqueeze(1), layer.input_factors.unsqueeze(0));
  return kernels::linear(x, at::addcmul(layer.weight, layer.deviation, factors), layer.bias);
}

}  // namespace nap::kernels
