#ifdef ARCADE
#include "picture.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#if defined(__x86_64__)
#define NAP_WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define NAP_WIDE
#endif

namespace nap {
namespace {
constexpr int precision = 22;

std::vector<Taps> taps(int from, int to) {
  const double scale = double(from) / to;
  const double support = std::max(scale, 1.0);
  std::vector<Taps> result(to);
  for (int index = 0; index < to; ++index) {
    const double center = (index + 0.5) * scale;
    const int first = std::max(0, int(center - support + 0.5));
    const int last = std::min(from, int(center + support + 0.5));
    std::vector<double> weights;
    double sum = 0;
    for (int position = first; position < last; ++position) {
      const double weight = std::max(0.0, 1.0 - std::abs((position - center + 0.5) / support));
      weights.push_back(weight);
      sum += weight;
    }
    auto &tap = result[index];
    tap.first = first;
    tap.count = last - first;
    for (double weight : weights) tap.weights.push_back(int32_t(0.5 + weight / sum * (1 << precision)));
  }
  return result;
}

// out[i] = the rounded sum over k of weights[k] * rows[k * stride + i].
NAP_WIDE void blend(const uint8_t *rows, size_t stride, const int32_t *weights, int taps, uint8_t *out, int count) {
  constexpr int block = 64;
  for (int start = 0; start < count; start += block) {
    const int length = std::min(block, count - start);
    int32_t sums[block];
    for (int i = 0; i < block; ++i) sums[i] = 1 << (precision - 1);
    for (int k = 0; k < taps; ++k) {
      const uint8_t *row = rows + k * stride + start;
      const int32_t weight = weights[k];
      for (int i = 0; i < length; ++i) sums[i] += weight * row[i];
    }
    // The weights of a pixel sum to one, give or take their rounding.
    for (int i = 0; i < length; ++i) out[start + i] = uint8_t(std::min(sums[i] >> precision, 255));
  }
}

// Writes the transpose of `rows` rows of `columns` bytes in blocks that stay in the nearest cache.
void transpose(const uint8_t *in, size_t in_stride, int rows, int columns, uint8_t *out, size_t out_stride) {
  constexpr int block = 16;
  for (int row = 0; row < rows; row += block)
    for (int column = 0; column < columns; column += block)
      for (int c = column; c < std::min(column + block, columns); ++c)
        for (int r = row; r < std::min(row + block, rows); ++r) out[c * out_stride + r] = in[r * in_stride + c];
}
}  // namespace

Picture::Picture(int height, int width, int out_height, int out_width, const double luma[3], const uint32_t *palette)
    : height_(height), width_(width), out_height_(out_height), out_width_(out_width), stride_((height + 63) / 64 * 64),
      luma_{luma[0], luma[1], luma[2]}, pair_grey_(128 * 128), columns_(taps(width, out_width)),
      rows_(taps(height, out_height)), turned_(size_t(width) * stride_), narrow_(size_t(out_width) * stride_),
      upright_(size_t(height) * out_width) {
  std::copy(palette, palette + 256, palette_.begin());
  for (int first = 0; first < 128; ++first)
    for (int second = 0; second < 128; ++second) {
      const uint32_t a = palette_[2 * first], b = palette_[2 * second];
      pair_grey_[first * 128 + second] = grey(
          std::max(a >> 16 & 255, b >> 16 & 255), std::max(a >> 8 & 255, b >> 8 & 255), std::max(a & 255, b & 255));
    }
}

uint8_t Picture::grey(int red, int green, int blue) const {
  // Each product apart, so that no compiler may fuse them: the sum is cut, and a last bit would show.
  volatile double reds = red * luma_[0], greens = green * luma_[1], blues = blue * luma_[2];
  volatile double sum = reds + greens;
  return uint8_t(std::clamp(sum + blues, 0.0, 255.0));
}

void Picture::draw(const uint8_t *const *screens, int count, uint8_t *out) {
  if (count < 1) throw std::invalid_argument("a picture of no screens was asked for");
  // Grey, straight into the transpose.
  constexpr int block = 16;
  const uint8_t *last = screens[count - 1], *before = screens[count > 1 ? count - 2 : 0];
  for (int row = 0; row < height_; row += block)
    for (int column = 0; column < width_; column += block)
      for (int r = row; r < std::min(row + block, height_); ++r)
        for (int c = column; c < std::min(column + block, width_); ++c) {
          const size_t place = size_t(r) * width_ + c;
          uint8_t value;
          if (count <= 2) {
            value = pair_grey_[(before[place] >> 1) * 128 + (last[place] >> 1)];
          } else {
            uint32_t red = 0, green = 0, blue = 0;
            for (int screen = 0; screen < count; ++screen) {
              const uint32_t colour = palette_[screens[screen][place] & 0xfe];
              red = std::max(red, colour >> 16 & 255);
              green = std::max(green, colour >> 8 & 255);
              blue = std::max(blue, colour & 255);
            }
            value = grey(int(red), int(green), int(blue));
          }
          turned_[size_t(c) * stride_ + r] = value;
        }
  for (int column = 0; column < out_width_; ++column) {
    const Taps &tap = columns_[column];
    blend(&turned_[size_t(tap.first) * stride_], stride_, tap.weights.data(), tap.count, &narrow_[size_t(column) * stride_], height_);
  }
  transpose(narrow_.data(), stride_, out_width_, height_, upright_.data(), out_width_);
  for (int row = 0; row < out_height_; ++row) {
    const Taps &tap = rows_[row];
    blend(&upright_[size_t(tap.first) * out_width_], out_width_, tap.weights.data(), tap.count, out + size_t(row) * out_width_, out_width_);
  }
}
}  // namespace nap
#endif
