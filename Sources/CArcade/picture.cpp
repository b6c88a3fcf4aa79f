#ifdef ARCADE
#include "picture.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

// As in CTorch's kernels/wide.h: the loader picks, but not before ThreadSanitizer's runtime is there.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define NAP_ONE_INSTRUCTION_SET
#endif
#endif

#if defined(__x86_64__) && defined(__linux__) && !defined(NAP_ONE_INSTRUCTION_SET)
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

// out[x] = the rounded sum over k of weights[x * taps + k] * row[firsts[x] + k].
template <int fixed>
void narrow(const uint8_t *row, const int32_t *firsts, const int32_t *weights, int taps, uint8_t *out, int count) {
  const int used = fixed ? fixed : taps;
  for (int x = 0; x < count; ++x) {
    const uint8_t *from = row + firsts[x];
    const int32_t *by = weights + x * used;
    int32_t sum = 1 << (precision - 1);
    for (int k = 0; k < used; ++k) sum += by[k] * from[k];
    out[x] = uint8_t(std::min(sum >> precision, 255));
  }
}
}  // namespace

Picture::Picture(int height, int width, int out_height, int out_width, const double luma[3], const uint32_t *palette)
    : height_(height), width_(width), out_height_(out_height), out_width_(out_width), luma_{luma[0], luma[1], luma[2]},
      pair_grey_(128 * 128), rows_(taps(height, out_height)), column_taps_(0), grey_(width),
      narrow_(size_t(height) * out_width) {
  const auto columns = taps(width, out_width);
  for (const Taps &tap : columns) column_taps_ = std::max(column_taps_, tap.count);
  for (const Taps &tap : columns) {
    const int first = std::min(tap.first, width - column_taps_);
    column_firsts_.push_back(first);
    for (int k = 0; k < column_taps_; ++k) {
      const int own = first + k - tap.first;
      column_weights_.push_back(own >= 0 && own < tap.count ? tap.weights[own] : 0);
    }
  }
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

void Picture::grey_row(const uint8_t *const *screens, int count, size_t start) {
  const uint8_t *last = screens[count - 1] + start, *before = screens[count > 1 ? count - 2 : 0] + start;
  int column = 0;
  if (count <= 2) {
    // Screens are wide runs of one colour: eight pixels like the eight before them need no look-up.
    uint64_t last_seen = 0, before_seen = 0, made = 0;
    for (; column + 8 <= width_; column += 8) {
      uint64_t l, b;
      std::memcpy(&l, last + column, 8);
      std::memcpy(&b, before + column, 8);
      if (column == 0 || l != last_seen || b != before_seen) {
        uint8_t eight[8];
        for (int i = 0; i < 8; ++i) eight[i] = pair_grey_[(before[column + i] >> 1) * 128 + (last[column + i] >> 1)];
        std::memcpy(&made, eight, 8);
        last_seen = l;
        before_seen = b;
      }
      std::memcpy(&grey_[column], &made, 8);
    }
    for (; column < width_; ++column) grey_[column] = pair_grey_[(before[column] >> 1) * 128 + (last[column] >> 1)];
    return;
  }
  for (; column < width_; ++column) {
    uint32_t red = 0, green = 0, blue = 0;
    for (int screen = 0; screen < count; ++screen) {
      const uint32_t colour = palette_[screens[screen][start + column] & 0xfe];
      red = std::max(red, colour >> 16 & 255);
      green = std::max(green, colour >> 8 & 255);
      blue = std::max(blue, colour & 255);
    }
    grey_[column] = grey(int(red), int(green), int(blue));
  }
}

void Picture::draw(const uint8_t *const *screens, int count, uint8_t *out) {
  if (count < 1) throw std::invalid_argument("a picture of no screens was asked for");
  for (int row = 0; row < height_; ++row) {
    const size_t start = size_t(row) * width_;
    uint8_t *to = &narrow_[size_t(row) * out_width_];
    // A row like the one above it looks like it: most are.
    bool is_like_above = row > 0;
    for (int screen = 0; screen < count && is_like_above; ++screen)
      is_like_above = std::memcmp(screens[screen] + start, screens[screen] + start - width_, width_) == 0;
    if (is_like_above) {
      std::memcpy(to, to - out_width_, out_width_);
      continue;
    }
    grey_row(screens, count, start);
    const auto *firsts = column_firsts_.data(), *weights = column_weights_.data();
    switch (column_taps_) {
      case 4: narrow<4>(grey_.data(), firsts, weights, 4, to, out_width_); break;
      case 5: narrow<5>(grey_.data(), firsts, weights, 5, to, out_width_); break;
      default: narrow<0>(grey_.data(), firsts, weights, column_taps_, to, out_width_);
    }
  }
  for (int row = 0; row < out_height_; ++row) {
    const Taps &tap = rows_[row];
    blend(&narrow_[size_t(tap.first) * out_width_], out_width_, tap.weights.data(), tap.count, out + size_t(row) * out_width_, out_width_);
  }
}
}  // namespace nap
#endif
