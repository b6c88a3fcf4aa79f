// From screens of palette indices to a small grey observation.
#pragma once
#include <array>
#include <cstddef>
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
/// with Pillow's bilinear filter, across first. Pillow 13 goes down first where more than twice as many rows as columns go.)
class Picture {
 public:
  Picture(int height, int width, int out_height, int out_width, const double luma[3], const uint32_t *palette);
  /// `screens` are `count` pictures of palette indices, each height * width bytes.
  void draw(const uint8_t *const *screens, int count, uint8_t *out);

 private:
  uint8_t grey(int red, int green, int blue) const;
  void grey_row(const uint8_t *const *screens, int count, size_t start);
  int height_, width_, out_height_, out_width_;
  std::array<double, 3> luma_;
  std::array<uint32_t, 256> palette_;
  std::vector<uint8_t> pair_grey_;  // of the maximum of two even palette indices: 128 * 128
  std::vector<Taps> rows_;
  int column_taps_;                      // the same for every output column, with zero weights where it has fewer
  std::vector<int32_t> column_firsts_;   // out_width
  std::vector<int32_t> column_weights_;  // out_width * column_taps_
  std::vector<uint8_t> grey_;            // one row of width bytes
  std::vector<uint8_t> narrow_;          // height rows of out_width bytes
};
}  // namespace nap
