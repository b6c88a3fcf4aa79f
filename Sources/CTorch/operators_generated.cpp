// Written by Tools/operators/generate.py from operators.txt. Do not edit.
#include "seam.h"
#include <ATen/ops/_foreach_add_ops.h>
#include <ATen/ops/_foreach_mul_ops.h>
#include <ATen/ops/_foreach_norm_ops.h>
#include <ATen/ops/_fused_adam_ops.h>
#include <ATen/ops/_fused_adamw_ops.h>
#include <ATen/ops/_fused_sgd_ops.h>
#include <ATen/ops/abs_ops.h>
#include <ATen/ops/adaptive_avg_pool2d_ops.h>
#include <ATen/ops/add_ops.h>
#include <ATen/ops/addcdiv_ops.h>
#include <ATen/ops/addcmul_ops.h>
#include <ATen/ops/all_ops.h>
#include <ATen/ops/amax_ops.h>
#include <ATen/ops/amin_ops.h>
#include <ATen/ops/any_ops.h>
#include <ATen/ops/arange_ops.h>
#include <ATen/ops/argmax_ops.h>
#include <ATen/ops/argmin_ops.h>
#include <ATen/ops/argsort_ops.h>
#include <ATen/ops/atan_ops.h>
#include <ATen/ops/avg_pool2d_ops.h>
#include <ATen/ops/batch_norm_ops.h>
#include <ATen/ops/bernoulli_ops.h>
#include <ATen/ops/binary_cross_entropy_with_logits_ops.h>
#include <ATen/ops/bincount_ops.h>
#include <ATen/ops/bitwise_not_ops.h>
#include <ATen/ops/bmm_ops.h>
#include <ATen/ops/cat_ops.h>
#include <ATen/ops/ceil_ops.h>
#include <ATen/ops/channel_shuffle_ops.h>
#include <ATen/ops/chunk_ops.h>
#include <ATen/ops/clamp_ops.h>
#include <ATen/ops/clone_ops.h>
#include <ATen/ops/constant_pad_nd_ops.h>
#include <ATen/ops/contiguous_ops.h>
#include <ATen/ops/conv1d_ops.h>
#include <ATen/ops/conv2d_ops.h>
#include <ATen/ops/copy_ops.h>
#include <ATen/ops/cos_ops.h>
#include <ATen/ops/count_nonzero_ops.h>
#include <ATen/ops/cross_entropy_loss_ops.h>
#include <ATen/ops/cumsum_ops.h>
#include <ATen/ops/detach_ops.h>
#include <ATen/ops/diagonal_ops.h>
#include <ATen/ops/div_ops.h>
#include <ATen/ops/dot_ops.h>
#include <ATen/ops/dropout_ops.h>
#include <ATen/ops/einsum_ops.h>
#include <ATen/ops/elu_ops.h>
#include <ATen/ops/embedding_ops.h>
#include <ATen/ops/empty_ops.h>
#include <ATen/ops/empty_like_ops.h>
#include <ATen/ops/eq_ops.h>
#include <ATen/ops/erf_ops.h>
#include <ATen/ops/erfinv_ops.h>
#include <ATen/ops/exp_ops.h>
#include <ATen/ops/expand_ops.h>
#include <ATen/ops/expm1_ops.h>
#include <ATen/ops/eye_ops.h>
#include <ATen/ops/fill_ops.h>
#include <ATen/ops/flatten_ops.h>
#include <ATen/ops/flip_ops.h>
#include <ATen/ops/floor_ops.h>
#include <ATen/ops/full_ops.h>
#include <ATen/ops/gather_ops.h>
#include <ATen/ops/ge_ops.h>
#include <ATen/ops/gelu_ops.h>
#include <ATen/ops/group_norm_ops.h>
#include <ATen/ops/gt_ops.h>
#include <ATen/ops/huber_loss_ops.h>
#include <ATen/ops/im2col_ops.h>
#include <ATen/ops/index_add_ops.h>
#include <ATen/ops/index_copy_ops.h>
#include <ATen/ops/index_select_ops.h>
#include <ATen/ops/isfinite_ops.h>
#include <ATen/ops/isnan_ops.h>
#include <ATen/ops/layer_norm_ops.h>
#include <ATen/ops/le_ops.h>
#include <ATen/ops/leaky_relu_ops.h>
#include <ATen/ops/lerp_ops.h>
#include <ATen/ops/linalg_det_ops.h>
#include <ATen/ops/linalg_eigh_ops.h>
#include <ATen/ops/linalg_eigvals_ops.h>
#include <ATen/ops/linalg_eigvalsh_ops.h>
#include <ATen/ops/linalg_inv_ops.h>
#include <ATen/ops/linalg_matrix_norm_ops.h>
#include <ATen/ops/linalg_qr_ops.h>
#include <ATen/ops/linalg_solve_ops.h>
#include <ATen/ops/linalg_svd_ops.h>
#include <ATen/ops/linalg_svdvals_ops.h>
#include <ATen/ops/linalg_vector_norm_ops.h>
#include <ATen/ops/linspace_ops.h>
#include <ATen/ops/log_ops.h>
#include <ATen/ops/log1p_ops.h>
#include <ATen/ops/log_softmax_ops.h>
#include <ATen/ops/logical_and_ops.h>
#include <ATen/ops/logical_not_ops.h>
#include <ATen/ops/logical_or_ops.h>
#include <ATen/ops/logsumexp_ops.h>
#include <ATen/ops/lt_ops.h>
#include <ATen/ops/masked_fill_ops.h>
#include <ATen/ops/masked_select_ops.h>
#include <ATen/ops/matmul_ops.h>
#include <ATen/ops/max_ops.h>
#include <ATen/ops/max_pool2d_ops.h>
#include <ATen/ops/maximum_ops.h>
#include <ATen/ops/mean_ops.h>
#include <ATen/ops/median_ops.h>
#include <ATen/ops/min_ops.h>
#include <ATen/ops/minimum_ops.h>
#include <ATen/ops/mm_ops.h>
#include <ATen/ops/mse_loss_ops.h>
#include <ATen/ops/mul_ops.h>
#include <ATen/ops/multinomial_ops.h>
#include <ATen/ops/narrow_ops.h>
#include <ATen/ops/ne_ops.h>
#include <ATen/ops/neg_ops.h>
#include <ATen/ops/nll_loss_ops.h>
#include <ATen/ops/nonzero_ops.h>
#include <ATen/ops/normal_ops.h>
#include <ATen/ops/one_hot_ops.h>
#include <ATen/ops/ones_ops.h>
#include <ATen/ops/ones_like_ops.h>
#include <ATen/ops/outer_ops.h>
#include <ATen/ops/permute_ops.h>
#include <ATen/ops/pow_ops.h>
#include <ATen/ops/prod_ops.h>
#include <ATen/ops/rand_ops.h>
#include <ATen/ops/randint_ops.h>
#include <ATen/ops/randn_ops.h>
#include <ATen/ops/random_ops.h>
#include <ATen/ops/randperm_ops.h>
#include <ATen/ops/reciprocal_ops.h>
#include <ATen/ops/relu_ops.h>
#include <ATen/ops/remainder_ops.h>
#include <ATen/ops/repeat_ops.h>
#include <ATen/ops/reshape_ops.h>
#include <ATen/ops/rms_norm_ops.h>
#include <ATen/ops/roll_ops.h>
#include <ATen/ops/round_ops.h>
#include <ATen/ops/rsqrt_ops.h>
#include <ATen/ops/scaled_dot_product_attention_ops.h>
#include <ATen/ops/scatter_ops.h>
#include <ATen/ops/scatter_add_ops.h>
#include <ATen/ops/select_ops.h>
#include <ATen/ops/sigmoid_ops.h>
#include <ATen/ops/sign_ops.h>
#include <ATen/ops/silu_ops.h>
#include <ATen/ops/sin_ops.h>
#include <ATen/ops/slice_ops.h>
#include <ATen/ops/softmax_ops.h>
#include <ATen/ops/softplus_ops.h>
#include <ATen/ops/sort_ops.h>
#include <ATen/ops/split_ops.h>
#include <ATen/ops/sqrt_ops.h>
#include <ATen/ops/square_ops.h>
#include <ATen/ops/squeeze_ops.h>
#include <ATen/ops/stack_ops.h>
#include <ATen/ops/std_ops.h>
#include <ATen/ops/sub_ops.h>
#include <ATen/ops/sum_ops.h>
#include <ATen/ops/t_ops.h>
#include <ATen/ops/tan_ops.h>
#include <ATen/ops/tanh_ops.h>
#include <ATen/ops/to_ops.h>
#include <ATen/ops/topk_ops.h>
#include <ATen/ops/trace_ops.h>
#include <ATen/ops/transpose_ops.h>
#include <ATen/ops/tril_ops.h>
#include <ATen/ops/triu_ops.h>
#include <ATen/ops/trunc_ops.h>
#include <ATen/ops/uniform_ops.h>
#include <ATen/ops/unique_consecutive_ops.h>
#include <ATen/ops/unsqueeze_ops.h>
#include <ATen/ops/upsample_bilinear2d_ops.h>
#include <ATen/ops/var_ops.h>
#include <ATen/ops/view_ops.h>
#include <ATen/ops/view_as_real_ops.h>
#include <ATen/ops/where_ops.h>
#include <ATen/ops/zero_ops.h>
#include <ATen/ops/zeros_ops.h>
#include <ATen/ops/zeros_like_ops.h>
#include "include/nap_operators.h"

int nap_op_add_Tensor(nap_tensor self, nap_tensor other, nap_scalar alpha, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::add_Tensor::call(nap::required(self), nap::required(other), nap::scalar(alpha)));
  });
}

int nap_op_add_Scalar(nap_tensor self, nap_scalar other, nap_scalar alpha, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::add_Scalar::call(nap::required(self), nap::scalar(other), nap::scalar(alpha)));
  });
}

int nap_op_sub_Tensor(nap_tensor self, nap_tensor other, nap_scalar alpha, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::sub_Tensor::call(nap::required(self), nap::required(other), nap::scalar(alpha)));
  });
}

int nap_op_sub_Scalar(nap_tensor self, nap_scalar other, nap_scalar alpha, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::sub_Scalar::call(nap::required(self), nap::scalar(other), nap::scalar(alpha)));
  });
}

int nap_op_mul_Tensor(nap_tensor self, nap_tensor other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::mul_Tensor::call(nap::required(self), nap::required(other)));
  });
}

int nap_op_mul_Scalar(nap_tensor self, nap_scalar other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::mul_Scalar::call(nap::required(self), nap::scalar(other)));
  });
}

int nap_op_div_Tensor(nap_tensor self, nap_tensor other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::div_Tensor::call(nap::required(self), nap::required(other)));
  });
}

int nap_op_div_Scalar(nap_tensor self, nap_scalar other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::div_Scalar::call(nap::required(self), nap::scalar(other)));
  });
}

int nap_op_remainder_Scalar(nap_tensor self, nap_scalar other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::remainder_Scalar::call(nap::required(self), nap::scalar(other)));
  });
}

int nap_op_remainder_Tensor(nap_tensor self, nap_tensor other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::remainder_Tensor::call(nap::required(self), nap::required(other)));
  });
}

int nap_op_neg(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::neg::call(nap::required(self)));
  });
}

int nap_op_reciprocal(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::reciprocal::call(nap::required(self)));
  });
}

int nap_op_pow_Tensor_Scalar(nap_tensor self, nap_scalar exponent, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::pow_Tensor_Scalar::call(nap::required(self), nap::scalar(exponent)));
  });
}

int nap_op_pow_Tensor_Tensor(nap_tensor self, nap_tensor exponent, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::pow_Tensor_Tensor::call(nap::required(self), nap::required(exponent)));
  });
}

int nap_op_square(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::square::call(nap::required(self)));
  });
}

int nap_op_sqrt(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::sqrt::call(nap::required(self)));
  });
}

int nap_op_rsqrt(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::rsqrt::call(nap::required(self)));
  });
}

int nap_op_abs(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::abs::call(nap::required(self)));
  });
}

int nap_op_sign(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::sign::call(nap::required(self)));
  });
}

int nap_op_exp(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::exp::call(nap::required(self)));
  });
}

int nap_op_expm1(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::expm1::call(nap::required(self)));
  });
}

int nap_op_log(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::log::call(nap::required(self)));
  });
}

int nap_op_log1p(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::log1p::call(nap::required(self)));
  });
}

int nap_op_sin(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::sin::call(nap::required(self)));
  });
}

int nap_op_cos(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::cos::call(nap::required(self)));
  });
}

int nap_op_tan(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::tan::call(nap::required(self)));
  });
}

int nap_op_atan(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::atan::call(nap::required(self)));
  });
}

int nap_op_floor(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::floor::call(nap::required(self)));
  });
}

int nap_op_ceil(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::ceil::call(nap::required(self)));
  });
}

int nap_op_round(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::round::call(nap::required(self)));
  });
}

int nap_op_trunc(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::trunc::call(nap::required(self)));
  });
}

int nap_op_clamp(nap_tensor self, nap_scalar min, nap_scalar max, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::clamp::call(nap::required(self), nap::optional_scalar(min), nap::optional_scalar(max)));
  });
}

int nap_op_maximum(nap_tensor self, nap_tensor other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::maximum::call(nap::required(self), nap::required(other)));
  });
}

int nap_op_minimum(nap_tensor self, nap_tensor other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::minimum::call(nap::required(self), nap::required(other)));
  });
}

int nap_op_lerp_Scalar(nap_tensor self, nap_tensor end, nap_scalar weight, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::lerp_Scalar::call(nap::required(self), nap::required(end), nap::scalar(weight)));
  });
}

int nap_op_addcmul(nap_tensor self, nap_tensor tensor1, nap_tensor tensor2, nap_scalar value, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::addcmul::call(nap::required(self), nap::required(tensor1), nap::required(tensor2), nap::scalar(value)));
  });
}

int nap_op_addcdiv(nap_tensor self, nap_tensor tensor1, nap_tensor tensor2, nap_scalar value, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::addcdiv::call(nap::required(self), nap::required(tensor1), nap::required(tensor2), nap::scalar(value)));
  });
}

int nap_op_erf(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::erf::call(nap::required(self)));
  });
}

int nap_op_erfinv(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::erfinv::call(nap::required(self)));
  });
}

int nap_op_bitwise_not(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::bitwise_not::call(nap::required(self)));
  });
}

int nap_op_eq_Tensor(nap_tensor self, nap_tensor other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::eq_Tensor::call(nap::required(self), nap::required(other)));
  });
}

int nap_op_eq_Scalar(nap_tensor self, nap_scalar other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::eq_Scalar::call(nap::required(self), nap::scalar(other)));
  });
}

int nap_op_ne_Tensor(nap_tensor self, nap_tensor other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::ne_Tensor::call(nap::required(self), nap::required(other)));
  });
}

int nap_op_ne_Scalar(nap_tensor self, nap_scalar other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::ne_Scalar::call(nap::required(self), nap::scalar(other)));
  });
}

int nap_op_lt_Tensor(nap_tensor self, nap_tensor other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::lt_Tensor::call(nap::required(self), nap::required(other)));
  });
}

int nap_op_lt_Scalar(nap_tensor self, nap_scalar other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::lt_Scalar::call(nap::required(self), nap::scalar(other)));
  });
}

int nap_op_le_Tensor(nap_tensor self, nap_tensor other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::le_Tensor::call(nap::required(self), nap::required(other)));
  });
}

int nap_op_le_Scalar(nap_tensor self, nap_scalar other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::le_Scalar::call(nap::required(self), nap::scalar(other)));
  });
}

int nap_op_gt_Tensor(nap_tensor self, nap_tensor other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::gt_Tensor::call(nap::required(self), nap::required(other)));
  });
}

int nap_op_gt_Scalar(nap_tensor self, nap_scalar other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::gt_Scalar::call(nap::required(self), nap::scalar(other)));
  });
}

int nap_op_ge_Tensor(nap_tensor self, nap_tensor other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::ge_Tensor::call(nap::required(self), nap::required(other)));
  });
}

int nap_op_ge_Scalar(nap_tensor self, nap_scalar other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::ge_Scalar::call(nap::required(self), nap::scalar(other)));
  });
}

int nap_op_logical_and(nap_tensor self, nap_tensor other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::logical_and::call(nap::required(self), nap::required(other)));
  });
}

int nap_op_logical_or(nap_tensor self, nap_tensor other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::logical_or::call(nap::required(self), nap::required(other)));
  });
}

int nap_op_logical_not(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::logical_not::call(nap::required(self)));
  });
}

int nap_op_isnan(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::isnan::call(nap::required(self)));
  });
}

int nap_op_isfinite(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::isfinite::call(nap::required(self)));
  });
}

int nap_op_where_self(nap_tensor condition, nap_tensor self, nap_tensor other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::where_self::call(nap::required(condition), nap::required(self), nap::required(other)));
  });
}

int nap_op_where_ScalarOther(nap_tensor condition, nap_tensor self, nap_scalar other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::where_ScalarOther::call(nap::required(condition), nap::required(self), nap::scalar(other)));
  });
}

int nap_op_add__Tensor(nap_tensor self, nap_tensor other, nap_scalar alpha, nap_tensor *out0) {
  return nap::guarded([&] {
    auto self_tensor = nap::required(self);
    *out0 = nap::give(at::_ops::add__Tensor::call(self_tensor, nap::required(other), nap::scalar(alpha)));
  });
}

int nap_op_add__Scalar(nap_tensor self, nap_scalar other, nap_scalar alpha, nap_tensor *out0) {
  return nap::guarded([&] {
    auto self_tensor = nap::required(self);
    *out0 = nap::give(at::_ops::add__Scalar::call(self_tensor, nap::scalar(other), nap::scalar(alpha)));
  });
}

int nap_op_sub__Tensor(nap_tensor self, nap_tensor other, nap_scalar alpha, nap_tensor *out0) {
  return nap::guarded([&] {
    auto self_tensor = nap::required(self);
    *out0 = nap::give(at::_ops::sub__Tensor::call(self_tensor, nap::required(other), nap::scalar(alpha)));
  });
}

int nap_op_mul__Tensor(nap_tensor self, nap_tensor other, nap_tensor *out0) {
  return nap::guarded([&] {
    auto self_tensor = nap::required(self);
    *out0 = nap::give(at::_ops::mul__Tensor::call(self_tensor, nap::required(other)));
  });
}

int nap_op_mul__Scalar(nap_tensor self, nap_scalar other, nap_tensor *out0) {
  return nap::guarded([&] {
    auto self_tensor = nap::required(self);
    *out0 = nap::give(at::_ops::mul__Scalar::call(self_tensor, nap::scalar(other)));
  });
}

int nap_op_div__Tensor(nap_tensor self, nap_tensor other, nap_tensor *out0) {
  return nap::guarded([&] {
    auto self_tensor = nap::required(self);
    *out0 = nap::give(at::_ops::div__Tensor::call(self_tensor, nap::required(other)));
  });
}

int nap_op_div__Scalar(nap_tensor self, nap_scalar other, nap_tensor *out0) {
  return nap::guarded([&] {
    auto self_tensor = nap::required(self);
    *out0 = nap::give(at::_ops::div__Scalar::call(self_tensor, nap::scalar(other)));
  });
}

int nap_op_addcmul_(nap_tensor self, nap_tensor tensor1, nap_tensor tensor2, nap_scalar value, nap_tensor *out0) {
  return nap::guarded([&] {
    auto self_tensor = nap::required(self);
    *out0 = nap::give(at::_ops::addcmul_::call(self_tensor, nap::required(tensor1), nap::required(tensor2), nap::scalar(value)));
  });
}

int nap_op_addcdiv_(nap_tensor self, nap_tensor tensor1, nap_tensor tensor2, nap_scalar value, nap_tensor *out0) {
  return nap::guarded([&] {
    auto self_tensor = nap::required(self);
    *out0 = nap::give(at::_ops::addcdiv_::call(self_tensor, nap::required(tensor1), nap::required(tensor2), nap::scalar(value)));
  });
}

int nap_op_lerp__Scalar(nap_tensor self, nap_tensor end, nap_scalar weight, nap_tensor *out0) {
  return nap::guarded([&] {
    auto self_tensor = nap::required(self);
    *out0 = nap::give(at::_ops::lerp__Scalar::call(self_tensor, nap::required(end), nap::scalar(weight)));
  });
}

int nap_op_copy_(nap_tensor self, nap_tensor src, bool non_blocking, nap_tensor *out0) {
  return nap::guarded([&] {
    auto self_tensor = nap::required(self);
    *out0 = nap::give(at::_ops::copy_::call(self_tensor, nap::required(src), non_blocking));
  });
}

int nap_op_fill__Scalar(nap_tensor self, nap_scalar value, nap_tensor *out0) {
  return nap::guarded([&] {
    auto self_tensor = nap::required(self);
    *out0 = nap::give(at::_ops::fill__Scalar::call(self_tensor, nap::scalar(value)));
  });
}

int nap_op_zero_(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    auto self_tensor = nap::required(self);
    *out0 = nap::give(at::_ops::zero_::call(self_tensor));
  });
}

int nap_op_normal_(nap_tensor self, double mean, double std, nap_generator generator, nap_tensor *out0) {
  return nap::guarded([&] {
    auto self_tensor = nap::required(self);
    *out0 = nap::give(at::_ops::normal_::call(self_tensor, mean, std, nap::generator(generator)));
  });
}

int nap_op_uniform_(nap_tensor self, double from, double to, nap_generator generator, nap_tensor *out0) {
  return nap::guarded([&] {
    auto self_tensor = nap::required(self);
    *out0 = nap::give(at::_ops::uniform_::call(self_tensor, from, to, nap::generator(generator)));
  });
}

int nap_op_random__from(nap_tensor self, nap_int from, nap_optional_int to, nap_generator generator, nap_tensor *out0) {
  return nap::guarded([&] {
    auto self_tensor = nap::required(self);
    *out0 = nap::give(at::_ops::random__from::call(self_tensor, from, nap::optional_int(to), nap::generator(generator)));
  });
}

int nap_op_bernoulli__float(nap_tensor self, double p, nap_generator generator, nap_tensor *out0) {
  return nap::guarded([&] {
    auto self_tensor = nap::required(self);
    *out0 = nap::give(at::_ops::bernoulli__float::call(self_tensor, p, nap::generator(generator)));
  });
}

int nap_op_clamp_(nap_tensor self, nap_scalar min, nap_scalar max, nap_tensor *out0) {
  return nap::guarded([&] {
    auto self_tensor = nap::required(self);
    *out0 = nap::give(at::_ops::clamp_::call(self_tensor, nap::optional_scalar(min), nap::optional_scalar(max)));
  });
}

int nap_op_sum(nap_tensor self, int dtype, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::sum::call(nap::required(self), nap::optional_dtype(dtype)));
  });
}

int nap_op_sum_dim_IntList(nap_tensor self, const nap_int *dim, nap_int dim_count, bool keepdim, int dtype, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::sum_dim_IntList::call(nap::required(self), nap::optional_ints(dim, dim_count), keepdim, nap::optional_dtype(dtype)));
  });
}

int nap_op_mean(nap_tensor self, int dtype, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::mean::call(nap::required(self), nap::optional_dtype(dtype)));
  });
}

int nap_op_mean_dim(nap_tensor self, const nap_int *dim, nap_int dim_count, bool keepdim, int dtype, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::mean_dim::call(nap::required(self), nap::optional_ints(dim, dim_count), keepdim, nap::optional_dtype(dtype)));
  });
}

int nap_op_prod(nap_tensor self, int dtype, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::prod::call(nap::required(self), nap::optional_dtype(dtype)));
  });
}

int nap_op_std_correction(nap_tensor self, const nap_int *dim, nap_int dim_count, nap_scalar correction, bool keepdim, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::std_correction::call(nap::required(self), nap::optional_ints(dim, dim_count), nap::optional_scalar(correction), keepdim));
  });
}

int nap_op_var_correction(nap_tensor self, const nap_int *dim, nap_int dim_count, nap_scalar correction, bool keepdim, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::var_correction::call(nap::required(self), nap::optional_ints(dim, dim_count), nap::optional_scalar(correction), keepdim));
  });
}

int nap_op_max(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::max::call(nap::required(self)));
  });
}

int nap_op_min(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::min::call(nap::required(self)));
  });
}

int nap_op_max_dim(nap_tensor self, nap_int dim, bool keepdim, nap_tensor *out0, nap_tensor *out1) {
  return nap::guarded([&] {
    auto results = at::_ops::max_dim::call(nap::required(self), dim, keepdim);
    *out0 = nap::give(std::get<0>(results));
    *out1 = nap::give(std::get<1>(results));
  });
}

int nap_op_min_dim(nap_tensor self, nap_int dim, bool keepdim, nap_tensor *out0, nap_tensor *out1) {
  return nap::guarded([&] {
    auto results = at::_ops::min_dim::call(nap::required(self), dim, keepdim);
    *out0 = nap::give(std::get<0>(results));
    *out1 = nap::give(std::get<1>(results));
  });
}

int nap_op_amax(nap_tensor self, const nap_int *dim, nap_int dim_count, bool keepdim, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::amax::call(nap::required(self), nap::ints(dim, dim_count), keepdim));
  });
}

int nap_op_amin(nap_tensor self, const nap_int *dim, nap_int dim_count, bool keepdim, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::amin::call(nap::required(self), nap::ints(dim, dim_count), keepdim));
  });
}

int nap_op_argmax(nap_tensor self, nap_optional_int dim, bool keepdim, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::argmax::call(nap::required(self), nap::optional_int(dim), keepdim));
  });
}

int nap_op_argmin(nap_tensor self, nap_optional_int dim, bool keepdim, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::argmin::call(nap::required(self), nap::optional_int(dim), keepdim));
  });
}

int nap_op_any(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::any::call(nap::required(self)));
  });
}

int nap_op_any_dim(nap_tensor self, nap_int dim, bool keepdim, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::any_dim::call(nap::required(self), dim, keepdim));
  });
}

int nap_op_all(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::all::call(nap::required(self)));
  });
}

int nap_op_all_dim(nap_tensor self, nap_int dim, bool keepdim, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::all_dim::call(nap::required(self), dim, keepdim));
  });
}

int nap_op_cumsum(nap_tensor self, nap_int dim, int dtype, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::cumsum::call(nap::required(self), dim, nap::optional_dtype(dtype)));
  });
}

int nap_op_logsumexp(nap_tensor self, const nap_int *dim, nap_int dim_count, bool keepdim, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::logsumexp::call(nap::required(self), nap::ints(dim, dim_count), keepdim));
  });
}

int nap_op_median(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::median::call(nap::required(self)));
  });
}

int nap_op_count_nonzero_dim_IntList(nap_tensor self, const nap_int *dim, nap_int dim_count, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::count_nonzero_dim_IntList::call(nap::required(self), nap::ints(dim, dim_count)));
  });
}

int nap_op_topk(nap_tensor self, nap_int k, nap_int dim, bool largest, bool sorted, nap_tensor *out0, nap_tensor *out1) {
  return nap::guarded([&] {
    auto results = at::_ops::topk::call(nap::required(self), k, dim, largest, sorted);
    *out0 = nap::give(std::get<0>(results));
    *out1 = nap::give(std::get<1>(results));
  });
}

int nap_op_sort(nap_tensor self, nap_int dim, bool descending, nap_tensor *out0, nap_tensor *out1) {
  return nap::guarded([&] {
    auto results = at::_ops::sort::call(nap::required(self), dim, descending);
    *out0 = nap::give(std::get<0>(results));
    *out1 = nap::give(std::get<1>(results));
  });
}

int nap_op_argsort(nap_tensor self, nap_int dim, bool descending, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::argsort::call(nap::required(self), dim, descending));
  });
}

int nap_op_view(nap_tensor self, const nap_int *size, nap_int size_count, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::view::call(nap::required(self), c10::fromIntArrayRefSlow(nap::ints(size, size_count))));
  });
}

int nap_op_reshape(nap_tensor self, const nap_int *shape, nap_int shape_count, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::reshape::call(nap::required(self), c10::fromIntArrayRefSlow(nap::ints(shape, shape_count))));
  });
}

int nap_op_permute(nap_tensor self, const nap_int *dims, nap_int dims_count, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::permute::call(nap::required(self), nap::ints(dims, dims_count)));
  });
}

int nap_op_transpose_int(nap_tensor self, nap_int dim0, nap_int dim1, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::transpose_int::call(nap::required(self), dim0, dim1));
  });
}

int nap_op_t(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::t::call(nap::required(self)));
  });
}

int nap_op_squeeze_dim(nap_tensor self, nap_int dim, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::squeeze_dim::call(nap::required(self), dim));
  });
}

int nap_op_unsqueeze(nap_tensor self, nap_int dim, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::unsqueeze::call(nap::required(self), dim));
  });
}

int nap_op_expand(nap_tensor self, const nap_int *size, nap_int size_count, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::expand::call(nap::required(self), c10::fromIntArrayRefSlow(nap::ints(size, size_count)), false));
  });
}

int nap_op_flatten_using_ints(nap_tensor self, nap_int start_dim, nap_int end_dim, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::flatten_using_ints::call(nap::required(self), start_dim, end_dim));
  });
}

int nap_op_contiguous(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::contiguous::call(nap::required(self), at::MemoryFormat::Contiguous));
  });
}

int nap_op_clone(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::clone::call(nap::required(self), std::nullopt));
  });
}

int nap_op_detach(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::detach::call(nap::required(self)));
  });
}

int nap_op_cat(const nap_tensor *tensors, nap_int tensors_count, nap_int dim, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::cat::call(nap::tensors(tensors, tensors_count), dim));
  });
}

int nap_op_stack(const nap_tensor *tensors, nap_int tensors_count, nap_int dim, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::stack::call(nap::tensors(tensors, tensors_count), dim));
  });
}

int nap_op_split_Tensor(nap_tensor self, nap_int split_size, nap_int dim, nap_tensor **out, nap_int *out_count) {
  return nap::guarded([&] {
    nap::give_list(at::_ops::split_Tensor::call(nap::required(self), split_size, dim), out, out_count);
  });
}

int nap_op_chunk(nap_tensor self, nap_int chunks, nap_int dim, nap_tensor **out, nap_int *out_count) {
  return nap::guarded([&] {
    nap::give_list(at::_ops::chunk::call(nap::required(self), chunks, dim), out, out_count);
  });
}

int nap_op_repeat(nap_tensor self, const nap_int *repeats, nap_int repeats_count, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::repeat::call(nap::required(self), c10::fromIntArrayRefSlow(nap::ints(repeats, repeats_count))));
  });
}

int nap_op_roll(nap_tensor self, const nap_int *shifts, nap_int shifts_count, const nap_int *dims, nap_int dims_count, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::roll::call(nap::required(self), c10::fromIntArrayRefSlow(nap::ints(shifts, shifts_count)), nap::ints(dims, dims_count)));
  });
}

int nap_op_flip(nap_tensor self, const nap_int *dims, nap_int dims_count, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::flip::call(nap::required(self), nap::ints(dims, dims_count)));
  });
}

int nap_op_tril(nap_tensor self, nap_int diagonal, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::tril::call(nap::required(self), diagonal));
  });
}

int nap_op_triu(nap_tensor self, nap_int diagonal, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::triu::call(nap::required(self), diagonal));
  });
}

int nap_op_diagonal(nap_tensor self, nap_int offset, nap_int dim1, nap_int dim2, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::diagonal::call(nap::required(self), offset, dim1, dim2));
  });
}

int nap_op_constant_pad_nd(nap_tensor self, const nap_int *pad, nap_int pad_count, nap_scalar value, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::constant_pad_nd::call(nap::required(self), c10::fromIntArrayRefSlow(nap::ints(pad, pad_count)), nap::scalar(value)));
  });
}

int nap_op_channel_shuffle(nap_tensor self, nap_int groups, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::channel_shuffle::call(nap::required(self), groups));
  });
}

int nap_op_select_int(nap_tensor self, nap_int dim, nap_int index, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::select_int::call(nap::required(self), dim, index));
  });
}

int nap_op_slice_Tensor(nap_tensor self, nap_int dim, nap_optional_int start, nap_optional_int end, nap_int step, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::slice_Tensor::call(nap::required(self), dim, nap::optional_int(start), nap::optional_int(end), step));
  });
}

int nap_op_narrow(nap_tensor self, nap_int dim, nap_int start, nap_int length, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::narrow::call(nap::required(self), dim, start, length));
  });
}

int nap_op_index_select(nap_tensor self, nap_int dim, nap_tensor index, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::index_select::call(nap::required(self), dim, nap::required(index)));
  });
}

int nap_op_gather(nap_tensor self, nap_int dim, nap_tensor index, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::gather::call(nap::required(self), dim, nap::required(index), false));
  });
}

int nap_op_scatter_src(nap_tensor self, nap_int dim, nap_tensor index, nap_tensor src, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::scatter_src::call(nap::required(self), dim, nap::required(index), nap::required(src)));
  });
}

int nap_op_scatter_add(nap_tensor self, nap_int dim, nap_tensor index, nap_tensor src, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::scatter_add::call(nap::required(self), dim, nap::required(index), nap::required(src)));
  });
}

int nap_op_index_add(nap_tensor self, nap_int dim, nap_tensor index, nap_tensor source, nap_scalar alpha, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::index_add::call(nap::required(self), dim, nap::required(index), nap::required(source), nap::scalar(alpha)));
  });
}

int nap_op_index_copy_(nap_tensor self, nap_int dim, nap_tensor index, nap_tensor source, nap_tensor *out0) {
  return nap::guarded([&] {
    auto self_tensor = nap::required(self);
    *out0 = nap::give(at::_ops::index_copy_::call(self_tensor, dim, nap::required(index), nap::required(source)));
  });
}

int nap_op_masked_fill_Scalar(nap_tensor self, nap_tensor mask, nap_scalar value, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::masked_fill_Scalar::call(nap::required(self), nap::required(mask), nap::scalar(value)));
  });
}

int nap_op_masked_select(nap_tensor self, nap_tensor mask, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::masked_select::call(nap::required(self), nap::required(mask)));
  });
}

int nap_op_nonzero(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::nonzero::call(nap::required(self)));
  });
}

int nap_op_one_hot(nap_tensor self, nap_int num_classes, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::one_hot::call(nap::required(self), num_classes));
  });
}

int nap_op_embedding(nap_tensor weight, nap_tensor indices, nap_int padding_idx, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::embedding::call(nap::required(weight), nap::required(indices), padding_idx, false, false));
  });
}

int nap_op_bincount(nap_tensor self, nap_tensor weights, nap_int minlength, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::bincount::call(nap::required(self), nap::optional_tensor(weights), minlength));
  });
}

int nap_op_unique_consecutive(nap_tensor self, bool return_inverse, bool return_counts, nap_optional_int dim, nap_tensor *out0, nap_tensor *out1, nap_tensor *out2) {
  return nap::guarded([&] {
    auto results = at::_ops::unique_consecutive::call(nap::required(self), return_inverse, return_counts, nap::optional_int(dim));
    *out0 = nap::give(std::get<0>(results));
    *out1 = nap::give(std::get<1>(results));
    *out2 = nap::give(std::get<2>(results));
  });
}

int nap_op_matmul(nap_tensor self, nap_tensor other, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::matmul::call(nap::required(self), nap::required(other)));
  });
}

int nap_op_mm(nap_tensor self, nap_tensor mat2, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::mm::call(nap::required(self), nap::required(mat2)));
  });
}

int nap_op_bmm(nap_tensor self, nap_tensor mat2, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::bmm::call(nap::required(self), nap::required(mat2)));
  });
}

int nap_op_dot(nap_tensor self, nap_tensor tensor, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::dot::call(nap::required(self), nap::required(tensor)));
  });
}

int nap_op_outer(nap_tensor self, nap_tensor vec2, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::outer::call(nap::required(self), nap::required(vec2)));
  });
}

int nap_op_einsum(const char *equation, const nap_tensor *tensors, nap_int tensors_count, const nap_int *path, nap_int path_count, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::einsum::call(equation, nap::tensors(tensors, tensors_count), nap::optional_ints(path, path_count)));
  });
}

int nap_op_linalg_svd(nap_tensor A, bool full_matrices, const char *driver, nap_tensor *out0, nap_tensor *out1, nap_tensor *out2) {
  return nap::guarded([&] {
    auto results = at::_ops::linalg_svd::call(nap::required(A), full_matrices, nap::optional_string(driver));
    *out0 = nap::give(std::get<0>(results));
    *out1 = nap::give(std::get<1>(results));
    *out2 = nap::give(std::get<2>(results));
  });
}

int nap_op_linalg_svdvals(nap_tensor A, const char *driver, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::linalg_svdvals::call(nap::required(A), nap::optional_string(driver)));
  });
}

int nap_op_linalg_eigvalsh(nap_tensor self, const char *UPLO, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::linalg_eigvalsh::call(nap::required(self), UPLO));
  });
}

int nap_op_linalg_eigh(nap_tensor self, const char *UPLO, nap_tensor *out0, nap_tensor *out1) {
  return nap::guarded([&] {
    auto results = at::_ops::linalg_eigh::call(nap::required(self), UPLO);
    *out0 = nap::give(std::get<0>(results));
    *out1 = nap::give(std::get<1>(results));
  });
}

int nap_op_linalg_eigvals(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::linalg_eigvals::call(nap::required(self)));
  });
}

int nap_op_linalg_qr(nap_tensor A, const char *mode, nap_tensor *out0, nap_tensor *out1) {
  return nap::guarded([&] {
    auto results = at::_ops::linalg_qr::call(nap::required(A), mode);
    *out0 = nap::give(std::get<0>(results));
    *out1 = nap::give(std::get<1>(results));
  });
}

int nap_op_linalg_vector_norm(nap_tensor self, nap_scalar ord, const nap_int *dim, nap_int dim_count, bool keepdim, int dtype, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::linalg_vector_norm::call(nap::required(self), nap::scalar(ord), nap::optional_ints(dim, dim_count), keepdim, nap::optional_dtype(dtype)));
  });
}

int nap_op_linalg_matrix_norm(nap_tensor self, nap_scalar ord, const nap_int *dim, nap_int dim_count, bool keepdim, int dtype, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::linalg_matrix_norm::call(nap::required(self), nap::scalar(ord), nap::ints(dim, dim_count), keepdim, nap::optional_dtype(dtype)));
  });
}

int nap_op_linalg_matrix_norm_str_ord(nap_tensor self, const char *ord, const nap_int *dim, nap_int dim_count, bool keepdim, int dtype, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::linalg_matrix_norm_str_ord::call(nap::required(self), ord, nap::ints(dim, dim_count), keepdim, nap::optional_dtype(dtype)));
  });
}

int nap_op_linalg_solve(nap_tensor A, nap_tensor B, bool left, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::linalg_solve::call(nap::required(A), nap::required(B), left));
  });
}

int nap_op_linalg_inv(nap_tensor A, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::linalg_inv::call(nap::required(A)));
  });
}

int nap_op_linalg_det(nap_tensor A, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::linalg_det::call(nap::required(A)));
  });
}

int nap_op_trace(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::trace::call(nap::required(self)));
  });
}

int nap_op_view_as_real(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::view_as_real::call(nap::required(self)));
  });
}

int nap_op_conv2d(nap_tensor input, nap_tensor weight, nap_tensor bias, const nap_int *stride, nap_int stride_count, const nap_int *padding, nap_int padding_count, const nap_int *dilation, nap_int dilation_count, nap_int groups, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::conv2d::call(nap::required(input), nap::required(weight), nap::optional_tensor(bias), c10::fromIntArrayRefSlow(nap::ints(stride, stride_count)), c10::fromIntArrayRefSlow(nap::ints(padding, padding_count)), c10::fromIntArrayRefSlow(nap::ints(dilation, dilation_count)), groups));
  });
}

int nap_op_conv2d_padding(nap_tensor input, nap_tensor weight, nap_tensor bias, const nap_int *stride, nap_int stride_count, const char *padding, const nap_int *dilation, nap_int dilation_count, nap_int groups, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::conv2d_padding::call(nap::required(input), nap::required(weight), nap::optional_tensor(bias), c10::fromIntArrayRefSlow(nap::ints(stride, stride_count)), padding, c10::fromIntArrayRefSlow(nap::ints(dilation, dilation_count)), groups));
  });
}

int nap_op_conv1d(nap_tensor input, nap_tensor weight, nap_tensor bias, const nap_int *stride, nap_int stride_count, const nap_int *padding, nap_int padding_count, const nap_int *dilation, nap_int dilation_count, nap_int groups, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::conv1d::call(nap::required(input), nap::required(weight), nap::optional_tensor(bias), c10::fromIntArrayRefSlow(nap::ints(stride, stride_count)), c10::fromIntArrayRefSlow(nap::ints(padding, padding_count)), c10::fromIntArrayRefSlow(nap::ints(dilation, dilation_count)), groups));
  });
}

int nap_op_im2col(nap_tensor self, const nap_int *kernel_size, nap_int kernel_size_count, const nap_int *dilation, nap_int dilation_count, const nap_int *padding, nap_int padding_count, const nap_int *stride, nap_int stride_count, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::im2col::call(nap::required(self), nap::ints(kernel_size, kernel_size_count), nap::ints(dilation, dilation_count), nap::ints(padding, padding_count), nap::ints(stride, stride_count)));
  });
}

int nap_op_max_pool2d(nap_tensor self, const nap_int *kernel_size, nap_int kernel_size_count, const nap_int *stride, nap_int stride_count, const nap_int *padding, nap_int padding_count, const nap_int *dilation, nap_int dilation_count, bool ceil_mode, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::max_pool2d::call(nap::required(self), nap::ints(kernel_size, kernel_size_count), nap::ints(stride, stride_count), nap::ints(padding, padding_count), nap::ints(dilation, dilation_count), ceil_mode));
  });
}

int nap_op_avg_pool2d(nap_tensor self, const nap_int *kernel_size, nap_int kernel_size_count, const nap_int *stride, nap_int stride_count, const nap_int *padding, nap_int padding_count, bool ceil_mode, bool count_include_pad, nap_optional_int divisor_override, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::avg_pool2d::call(nap::required(self), nap::ints(kernel_size, kernel_size_count), nap::ints(stride, stride_count), nap::ints(padding, padding_count), ceil_mode, count_include_pad, nap::optional_int(divisor_override)));
  });
}

int nap_op_adaptive_avg_pool2d(nap_tensor self, const nap_int *output_size, nap_int output_size_count, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::adaptive_avg_pool2d::call(nap::required(self), c10::fromIntArrayRefSlow(nap::ints(output_size, output_size_count))));
  });
}

int nap_op_upsample_bilinear2d(nap_tensor self, const nap_int *output_size, nap_int output_size_count, bool align_corners, nap_optional_double scales_h, nap_optional_double scales_w, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::upsample_bilinear2d::call(nap::required(self), c10::fromIntArrayRefSlow(nap::ints(output_size, output_size_count)), align_corners, nap::optional_double(scales_h), nap::optional_double(scales_w)));
  });
}

int nap_op_layer_norm(nap_tensor input, const nap_int *normalized_shape, nap_int normalized_shape_count, nap_tensor weight, nap_tensor bias, double eps, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::layer_norm::call(nap::required(input), c10::fromIntArrayRefSlow(nap::ints(normalized_shape, normalized_shape_count)), nap::optional_tensor(weight), nap::optional_tensor(bias), eps, true));
  });
}

int nap_op_rms_norm(nap_tensor input, const nap_int *normalized_shape, nap_int normalized_shape_count, nap_tensor weight, nap_optional_double eps, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::rms_norm::call(nap::required(input), c10::fromIntArrayRefSlow(nap::ints(normalized_shape, normalized_shape_count)), nap::optional_tensor(weight), nap::optional_double(eps)));
  });
}

int nap_op_group_norm(nap_tensor input, nap_int num_groups, nap_tensor weight, nap_tensor bias, double eps, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::group_norm::call(nap::required(input), num_groups, nap::optional_tensor(weight), nap::optional_tensor(bias), eps, true));
  });
}

int nap_op_batch_norm(nap_tensor input, nap_tensor weight, nap_tensor bias, nap_tensor running_mean, nap_tensor running_var, bool training, double momentum, double eps, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::batch_norm::call(nap::required(input), nap::optional_tensor(weight), nap::optional_tensor(bias), nap::optional_tensor(running_mean), nap::optional_tensor(running_var), training, momentum, eps, true));
  });
}

int nap_op_relu(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::relu::call(nap::required(self)));
  });
}

int nap_op_leaky_relu(nap_tensor self, nap_scalar negative_slope, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::leaky_relu::call(nap::required(self), nap::scalar(negative_slope)));
  });
}

int nap_op_gelu(nap_tensor self, const char *approximate, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::gelu::call(nap::required(self), approximate));
  });
}

int nap_op_silu(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::silu::call(nap::required(self)));
  });
}

int nap_op_sigmoid(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::sigmoid::call(nap::required(self)));
  });
}

int nap_op_tanh(nap_tensor self, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::tanh::call(nap::required(self)));
  });
}

int nap_op_elu(nap_tensor self, nap_scalar alpha, nap_scalar scale, nap_scalar input_scale, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::elu::call(nap::required(self), nap::scalar(alpha), nap::scalar(scale), nap::scalar(input_scale)));
  });
}

int nap_op_softplus(nap_tensor self, nap_scalar beta, nap_scalar threshold, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::softplus::call(nap::required(self), nap::scalar(beta), nap::scalar(threshold)));
  });
}

int nap_op_softmax_int(nap_tensor self, nap_int dim, int dtype, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::softmax_int::call(nap::required(self), dim, nap::optional_dtype(dtype)));
  });
}

int nap_op_log_softmax_int(nap_tensor self, nap_int dim, int dtype, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::log_softmax_int::call(nap::required(self), dim, nap::optional_dtype(dtype)));
  });
}

int nap_op_dropout(nap_tensor input, double p, bool train, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::dropout::call(nap::required(input), p, train));
  });
}

int nap_op_scaled_dot_product_attention(nap_tensor query, nap_tensor key, nap_tensor value, nap_tensor attn_mask, double dropout_p, bool is_causal, nap_optional_double scale, bool enable_gqa, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::scaled_dot_product_attention::call(nap::required(query), nap::required(key), nap::required(value), nap::optional_tensor(attn_mask), dropout_p, is_causal, nap::optional_double(scale), enable_gqa));
  });
}

int nap_op_cross_entropy_loss(nap_tensor self, nap_tensor target, nap_tensor weight, nap_int reduction, nap_int ignore_index, double label_smoothing, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::cross_entropy_loss::call(nap::required(self), nap::required(target), nap::optional_tensor(weight), reduction, ignore_index, label_smoothing));
  });
}

int nap_op_nll_loss(nap_tensor self, nap_tensor target, nap_tensor weight, nap_int reduction, nap_int ignore_index, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::nll_loss::call(nap::required(self), nap::required(target), nap::optional_tensor(weight), reduction, ignore_index));
  });
}

int nap_op_mse_loss(nap_tensor self, nap_tensor target, nap_int reduction, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::mse_loss::call(nap::required(self), nap::required(target), reduction));
  });
}

int nap_op_huber_loss(nap_tensor self, nap_tensor target, nap_int reduction, double delta, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::huber_loss::call(nap::required(self), nap::required(target), reduction, delta));
  });
}

int nap_op_binary_cross_entropy_with_logits(nap_tensor self, nap_tensor target, nap_tensor weight, nap_tensor pos_weight, nap_int reduction, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::binary_cross_entropy_with_logits::call(nap::required(self), nap::required(target), nap::optional_tensor(weight), nap::optional_tensor(pos_weight), reduction));
  });
}

int nap_op_to_dtype(nap_tensor self, int dtype, bool non_blocking, bool copy, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::to_dtype::call(nap::required(self), nap::dtype(dtype), non_blocking, copy, std::nullopt));
  });
}

int nap_op_to_device(nap_tensor self, nap_device device, int dtype, bool non_blocking, bool copy, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::to_device::call(nap::required(self), nap::device(device), nap::dtype(dtype), non_blocking, copy, std::nullopt));
  });
}

int nap_op_view_dtype(nap_tensor self, int dtype, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::view_dtype::call(nap::required(self), nap::dtype(dtype)));
  });
}

int nap_op_zeros(const nap_int *size, nap_int size_count, int dtype, nap_device device, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::zeros::call(c10::fromIntArrayRefSlow(nap::ints(size, size_count)), nap::optional_dtype(dtype), std::nullopt, nap::optional_device(device), std::nullopt));
  });
}

int nap_op_ones(const nap_int *size, nap_int size_count, int dtype, nap_device device, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::ones::call(c10::fromIntArrayRefSlow(nap::ints(size, size_count)), nap::optional_dtype(dtype), std::nullopt, nap::optional_device(device), std::nullopt));
  });
}

int nap_op_empty_memory_format(const nap_int *size, nap_int size_count, int dtype, nap_device device, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::empty_memory_format::call(c10::fromIntArrayRefSlow(nap::ints(size, size_count)), nap::optional_dtype(dtype), std::nullopt, nap::optional_device(device), std::nullopt, std::nullopt));
  });
}

int nap_op_full(const nap_int *size, nap_int size_count, nap_scalar fill_value, int dtype, nap_device device, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::full::call(c10::fromIntArrayRefSlow(nap::ints(size, size_count)), nap::scalar(fill_value), nap::optional_dtype(dtype), std::nullopt, nap::optional_device(device), std::nullopt));
  });
}

int nap_op_arange_start_step(nap_scalar start, nap_scalar end, nap_scalar step, int dtype, nap_device device, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::arange_start_step::call(nap::scalar(start), nap::scalar(end), nap::scalar(step), nap::optional_dtype(dtype), std::nullopt, nap::optional_device(device), std::nullopt));
  });
}

int nap_op_linspace(nap_scalar start, nap_scalar end, nap_int steps, int dtype, nap_device device, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::linspace::call(nap::scalar(start), nap::scalar(end), steps, nap::optional_dtype(dtype), std::nullopt, nap::optional_device(device), std::nullopt));
  });
}

int nap_op_eye(nap_int n, int dtype, nap_device device, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::eye::call(n, nap::optional_dtype(dtype), std::nullopt, nap::optional_device(device), std::nullopt));
  });
}

int nap_op_randn_generator(const nap_int *size, nap_int size_count, nap_generator generator, int dtype, nap_device device, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::randn_generator::call(c10::fromIntArrayRefSlow(nap::ints(size, size_count)), nap::generator(generator), nap::optional_dtype(dtype), std::nullopt, nap::optional_device(device), std::nullopt));
  });
}

int nap_op_rand_generator(const nap_int *size, nap_int size_count, nap_generator generator, int dtype, nap_device device, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::rand_generator::call(c10::fromIntArrayRefSlow(nap::ints(size, size_count)), nap::generator(generator), nap::optional_dtype(dtype), std::nullopt, nap::optional_device(device), std::nullopt));
  });
}

int nap_op_randint_low_generator(nap_int low, nap_int high, const nap_int *size, nap_int size_count, nap_generator generator, int dtype, nap_device device, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::randint_low_generator::call(low, high, c10::fromIntArrayRefSlow(nap::ints(size, size_count)), nap::generator(generator), nap::optional_dtype(dtype), std::nullopt, nap::optional_device(device), std::nullopt));
  });
}

int nap_op_randperm_generator(nap_int n, nap_generator generator, int dtype, nap_device device, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::randperm_generator::call(n, nap::generator(generator), nap::optional_dtype(dtype), std::nullopt, nap::optional_device(device), std::nullopt));
  });
}

int nap_op_zeros_like(nap_tensor self, int dtype, nap_device device, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::zeros_like::call(nap::required(self), nap::optional_dtype(dtype), std::nullopt, nap::optional_device(device), std::nullopt, std::nullopt));
  });
}

int nap_op_ones_like(nap_tensor self, int dtype, nap_device device, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::ones_like::call(nap::required(self), nap::optional_dtype(dtype), std::nullopt, nap::optional_device(device), std::nullopt, std::nullopt));
  });
}

int nap_op_empty_like(nap_tensor self, int dtype, nap_device device, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::empty_like::call(nap::required(self), nap::optional_dtype(dtype), std::nullopt, nap::optional_device(device), std::nullopt, std::nullopt));
  });
}

int nap_op_multinomial(nap_tensor self, nap_int num_samples, bool replacement, nap_generator generator, nap_tensor *out0) {
  return nap::guarded([&] {
    *out0 = nap::give(at::_ops::multinomial::call(nap::required(self), num_samples, replacement, nap::generator(generator)));
  });
}

int nap_op__foreach_mul__Tensor(const nap_tensor *self, nap_int self_count, nap_tensor other) {
  return nap::guarded([&] {
    at::_ops::_foreach_mul__Tensor::call(nap::tensors(self, self_count), nap::required(other));
  });
}

int nap_op__foreach_mul__List(const nap_tensor *self, nap_int self_count, const nap_tensor *other, nap_int other_count) {
  return nap::guarded([&] {
    at::_ops::_foreach_mul__List::call(nap::tensors(self, self_count), nap::tensors(other, other_count));
  });
}

int nap_op__foreach_mul__Scalar(const nap_tensor *self, nap_int self_count, nap_scalar scalar) {
  return nap::guarded([&] {
    at::_ops::_foreach_mul__Scalar::call(nap::tensors(self, self_count), nap::scalar(scalar));
  });
}

int nap_op__foreach_add__List(const nap_tensor *self, nap_int self_count, const nap_tensor *other, nap_int other_count, nap_scalar alpha) {
  return nap::guarded([&] {
    at::_ops::_foreach_add__List::call(nap::tensors(self, self_count), nap::tensors(other, other_count), nap::scalar(alpha));
  });
}

int nap_op__foreach_norm_Scalar(const nap_tensor *self, nap_int self_count, nap_scalar ord, int dtype, nap_tensor **out, nap_int *out_count) {
  return nap::guarded([&] {
    nap::give_list(at::_ops::_foreach_norm_Scalar::call(nap::tensors(self, self_count), nap::scalar(ord), nap::optional_dtype(dtype)), out, out_count);
  });
}

int nap_op__fused_adam_(const nap_tensor *self, nap_int self_count, const nap_tensor *grads, nap_int grads_count, const nap_tensor *exp_avgs, nap_int exp_avgs_count, const nap_tensor *exp_avg_sqs, nap_int exp_avg_sqs_count, const nap_tensor *max_exp_avg_sqs, nap_int max_exp_avg_sqs_count, const nap_tensor *state_steps, nap_int state_steps_count, double lr, double beta1, double beta2, double weight_decay, double eps, bool amsgrad, bool maximize, nap_tensor grad_scale, nap_tensor found_inf) {
  return nap::guarded([&] {
    at::_ops::_fused_adam_::call(nap::tensors(self, self_count), nap::tensors(grads, grads_count), nap::tensors(exp_avgs, exp_avgs_count), nap::tensors(exp_avg_sqs, exp_avg_sqs_count), nap::tensors(max_exp_avg_sqs, max_exp_avg_sqs_count), nap::tensors(state_steps, state_steps_count), lr, beta1, beta2, weight_decay, eps, amsgrad, maximize, nap::optional_tensor(grad_scale), nap::optional_tensor(found_inf));
  });
}

int nap_op__fused_adamw_(const nap_tensor *self, nap_int self_count, const nap_tensor *grads, nap_int grads_count, const nap_tensor *exp_avgs, nap_int exp_avgs_count, const nap_tensor *exp_avg_sqs, nap_int exp_avg_sqs_count, const nap_tensor *max_exp_avg_sqs, nap_int max_exp_avg_sqs_count, const nap_tensor *state_steps, nap_int state_steps_count, double lr, double beta1, double beta2, double weight_decay, double eps, bool amsgrad, bool maximize, nap_tensor grad_scale, nap_tensor found_inf) {
  return nap::guarded([&] {
    at::_ops::_fused_adamw_::call(nap::tensors(self, self_count), nap::tensors(grads, grads_count), nap::tensors(exp_avgs, exp_avgs_count), nap::tensors(exp_avg_sqs, exp_avg_sqs_count), nap::tensors(max_exp_avg_sqs, max_exp_avg_sqs_count), nap::tensors(state_steps, state_steps_count), lr, beta1, beta2, weight_decay, eps, amsgrad, maximize, nap::optional_tensor(grad_scale), nap::optional_tensor(found_inf));
  });
}

int nap_op__fused_sgd_(const nap_tensor *self, nap_int self_count, const nap_tensor *grads, nap_int grads_count, const nap_tensor *momentum_buffer_list, nap_int momentum_buffer_list_count, double weight_decay, double momentum, double lr, double dampening, bool nesterov, bool maximize, bool is_first_step, nap_tensor grad_scale, nap_tensor found_inf) {
  return nap::guarded([&] {
    at::_ops::_fused_sgd_::call(nap::tensors(self, self_count), nap::tensors(grads, grads_count), nap::tensors(momentum_buffer_list, momentum_buffer_list_count), weight_decay, momentum, lr, dampening, nesterov, maximize, is_first_step, nap::optional_tensor(grad_scale), nap::optional_tensor(found_inf));
  });
}
