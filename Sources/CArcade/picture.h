// From screens of palette indices to a small grey observation.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

namespace nap {
/// The taps of one output pixel of a bilinear resize along one axis.
struct Taps {
  int first;
  int count;
  std::vector<int32_t> weights;  // in 2^-22
};

/// Pools, greys and shrinks screens of one size.
///
/// Pooling is the maximum per colour channel; grey is the weighted sum of the three, cut to a whole number; the resize is a
/// triangle filter as wide as the shrinking, first along rows, then along columns, each rounded to a byte. (DQN Zoo's order,
/// with Pillow's bilinear filter.)
class Picture {
 public:
  Picture(int height, int width, int out_height, int out_width, const double luma[3], const uint32_t *palette);
  /// `screens` are `count` pictures of palette indices, each height * width bytes.
  void draw(const uint8_t *const *screens, int count, uint8_t *out);

 private:
  uint8_t grey(int red, int green, int blue) const;
  int height_, width_, out_height_, out_width_, stride_;
  std::array<double, 3> luma_;
  std::array<uint32_t, 256> palette_;
  std::vector<uint8_t> pair_grey_;  // of the maximum of two even palette indices: 128 * 128
  std::vector<Taps> columns_, rows_;
  std::vector<uint8_t> turned_;   // width rows of stride_ bytes: the grey picture, transposed
  std::vector<uint8_t> narrow_;   // out_width rows of stride_ bytes
  std::vector<uint8_t> upright_;  // height rows of out_width bytes
};
}  // namespace nap
