// A convolution of one image without a graph, as when one observation is acted on.
//
// oneDNN brings image and kernels into blocks of channels before it begins, which for one image costs as much as the product.
// Measured on one core of an Intel Xeon (Sapphire Rapids) for the three layers of DQN's torso (32 kernels of 4 x 8 x 8 on 84 x 84,
// 64 of 32 x 4 x 4 on 20 x 20, 64 of 64 x 3 x 3 on 9 x 9): see docs/log.md. Here what each kernel sees is laid out once, row
// upon row, and one product does the rest.
#include "convolution_one.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <c10/util/Exception.h>

#include <cstring>

#include "kernels.h"

namespace nap::kernels {
namespace {

struct Sizes {
  int64_t channels, height, width, tall, wide, down, across, rows, columns;

  Sizes(const at::Tensor& x, const at::Tensor& weight, std::array<int64_t, 2> stride)
      : channels(x.size(1)), height(x.size(2)), width(x.size(3)), tall(weight.size(2)), wide(weight.size(3)),
        down(stride[0]), across(stride[1]), rows((height - tall) / down + 1), columns((width - wide) / across + 1) {}

  /// Numbers that one place of a kernel sees.
  int64_t seen() const { return channels * tall * wide; }
};

/// Each place of a kernel on the image, a row of channels x tall x wide numbers each. `Wide` is the kernel's width where it is known
/// in advance, so that a copy is a move or two.
template <int64_t wide>
void lay_out(const float* image, const Sizes& size, float* to) {
  for (int64_t row = 0; row < size.rows; ++row) {
    for (int64_t column = 0; column < size.columns; ++column) {
      const float* corner = image + row * size.down * size.width + column * size.across;
      for (int64_t channel = 0; channel < size.channels; ++channel) {
        const float* from = corner + channel * size.height * size.width;
        for (int64_t line = 0; line < size.tall; ++line, from += size.width, to += wide)
          std::memcpy(to, from, static_cast<size_t>(wide) * sizeof(float));
      }
    }
  }
}

}  // namespace

bool pays_for_one(const at::Tensor& x, const at::Tensor& weight, std::array<int64_t, 2> stride) {
  // What is laid out stays within a core's own cache; one thread does it.
  constexpr int64_t most = 1 << 18;
  if (x.size(0) != 1) return false;
  const Sizes size(x, weight, stride);
  const bool is_known = size.wide == 3 || size.wide == 4 || size.wide == 5 || size.wide == 8;
  return is_known && size.rows * size.columns * size.seen() <= most;
}

at::Tensor convolution_of_one(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias,
                              std::array<int64_t, 2> stride) {
  const Sizes size(x, weight, stride);
  const int64_t seen = size.seen();
  const auto image = x.contiguous();
  const auto laid = at::empty({size.rows * size.columns, seen}, x.options());
  const float* from = const_elements<float>(image);
  float* to = laid.mutable_data_ptr<float>();
  switch (size.wide) {
    case 3: lay_out<3>(from, size, to); break;
    case 4: lay_out<4>(from, size, to); break;
    case 5: lay_out<5>(from, size, to); break;
    case 8: lay_out<8>(from, size, to); break;
    default: TORCH_INTERNAL_ASSERT(false, "convolution_of_one: kernels of width ", size.wide);
  }
  const auto y = at::mm(weight.reshape({weight.size(0), seen}), laid.t());
  if (bias) y.add_(bias->unsqueeze(1));
  return y.view({1, weight.size(0), size.rows, size.columns});
}

}  // namespace nap::kernels
