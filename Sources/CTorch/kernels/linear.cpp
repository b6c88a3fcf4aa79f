// Linear layers through oneDNN where it beats MKL.
//
// libtorch sends float32 matrix products to MKL, which on other vendors' processors does not take its
// AVX-512 path. Measured on two cores of an AMD EPYC (Zen 5), 128 x 3072 by 3072 x 512: MKL 2.4 ms
// (168 GFLOP/s), oneDNN 1.07 ms (376 GFLOP/s); at 1024 cubed 196 against 414 GFLOP/s. The same
// libtorch carries both; oneDNN's product is the operator mkldnn::_linear_pointwise, which has no
// derivative of its own.
#include "kernels.h"

#include <ATen/autocast_mode.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/linear.h>
#include <torch/csrc/autograd/custom_function.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <string_view>

namespace nap::kernels {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using MaybeTensor = std::optional<at::Tensor>;

bool mkl_is_narrow() {
#if defined(__x86_64__)
  unsigned level, vendor[3];
  if (!__get_cpuid(0, &level, &vendor[0], &vendor[2], &vendor[1])) return false;
  const std::string_view name(reinterpret_cast<const char*>(vendor), 12);
  return name != "GenuineIntel" && __builtin_cpu_supports("avx512f");
#else
  return false;
#endif
}

using Scalars = torch::List<std::optional<at::Scalar>>;
using OneDnnLinear = at::Tensor(const at::Tensor&, const at::Tensor&, const MaybeTensor&,
                                std::string_view, Scalars, std::optional<std::string_view>);

/// a b^T + bias by oneDNN, or nothing where this libtorch or processor has no use for it.
const std::optional<c10::TypedOperatorHandle<OneDnnLinear>>& onednn() {
  static const auto found = []() -> std::optional<c10::TypedOperatorHandle<OneDnnLinear>> {
    if (!mkl_is_narrow()) return std::nullopt;
    const auto schema = c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
    if (!schema || !schema->hasKernelForDispatchKey(c10::DispatchKey::CPU)) return std::nullopt;
    return schema->typed<OneDnnLinear>();
  }();
  return found;
}

/// From this many multiplications on (128 x 128 by 128 x 128) oneDNN is ahead; its call costs 7 µs more.
constexpr int64_t worthwhile = 1 << 21;

bool fits(const at::Tensor& a, const at::Tensor& b) {
  return a.scalar_type() == at::kFloat && b.scalar_type() == at::kFloat && a.is_cpu() && b.is_cpu() &&
         a.layout() == at::kStrided && b.layout() == at::kStrided && b.dim() == 2 && a.dim() >= 1 &&
         a.size(-1) == b.size(1) && a.numel() * b.size(0) >= worthwhile && onednn();
}

/// Rows or columns in one piece of memory.
at::Tensor plain(const at::Tensor& matrix) {
  return matrix.is_contiguous() || matrix.t().is_contiguous() ? matrix : matrix.contiguous();
}

at::Tensor product(const at::Tensor& a_MK, const at::Tensor& b_NK, const MaybeTensor& bias_N);

/// M rows, N columns, K summed over.
struct Product : torch::autograd::Function<Product> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& a_MK, const at::Tensor& b_NK,
                            const MaybeTensor& bias_N) {
    if (context) {
      context->save_for_backward({a_MK, b_NK});
      if (bias_N) context->saved_data["biased"] = true;
    }
    return onednn()->call(plain(a_MK), plain(b_NK), bias_N, "none", Scalars(), "");
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const auto& g_MN = gradients[0];
    at::Tensor da_MK, db_NK, dbias_N;
    if (context->needs_input_grad(0)) da_MK = product(g_MN, saved[1].t(), std::nullopt);
    if (context->needs_input_grad(1)) db_NK = product(g_MN.t(), saved[0].t(), std::nullopt);
    const bool biased = context->saved_data.count("biased") > 0;
    if (biased && context->needs_input_grad(2)) dbias_N = g_MN.sum(0);
    return {da_MK, db_NK, dbias_N};
  }
};

at::Tensor product(const at::Tensor& a_MK, const at::Tensor& b_NK, const MaybeTensor& bias_N) {
  if (!fits(a_MK, b_NK)) return at::linear(a_MK, b_NK, bias_N);
  const bool differentiates = a_MK.requires_grad() || b_NK.requires_grad() ||
                              (bias_N && bias_N->requires_grad());
  if (at::GradMode::is_enabled() && differentiates) return Product::apply(a_MK, b_NK, bias_N);
  return Product::forward(nullptr, a_MK, b_NK, bias_N);
}

}  // namespace

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const MaybeTensor& bias_or_not) {
  // Autocast chooses the type of products itself.
  if (at::autocast::is_autocast_enabled(at::kCPU)) return at::linear(x, weight, bias_or_not);
  const auto bias = bias_or_not && bias_or_not->defined() ? bias_or_not : std::nullopt;
  const bool bias_fits = !bias || (bias->scalar_type() == at::kFloat && bias->is_cpu() &&
                                   bias->dim() == 1 && bias->size(0) == weight.size(0));
  if (!bias_fits || !fits(x, weight)) return at::linear(x, weight, bias);
  if (x.dim() == 2) return product(x, weight, bias);
  auto shape = x.sizes().vec();
  shape.back() = weight.size(0);
  return product(x.reshape({-1, x.size(-1)}), weight, bias).view(shape);
}

}  // namespace nap::kernels
