#include "CImages.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <vector>

// Weights are in units of 2^-22, so that a sum over bytes fits 32 bits.
static const int precision = 22;

struct taps {
  int start, count;
  const int *weights;
};

struct filter {
  std::vector<taps> pixels;
  std::vector<int> weights;

  // New pixels `first` to below `first + count` of `all`.
  filter(int old, double from, double to, int all, int first, int count) {
    const double scale = (to - from) / all, reach = std::max(scale, 1.0);
    const int most = (int)std::ceil(reach) * 2 + 1;
    weights.resize((size_t)most * (size_t)count);
    pixels.resize((size_t)count);
    std::vector<double> raw((size_t)most);
    for (int index = 0; index < count; ++index) {
      const double centre = from + (first + index + 0.5) * scale;
      const int start = std::max((int)(centre - reach + 0.5), 0);
      const int end = std::min((int)(centre + reach + 0.5), old);
      double sum = 0;
      for (int place = start; place < end; ++place)
        sum += raw[(size_t)(place - start)] = std::max(0.0, 1 - std::abs((place - centre + 0.5) / reach));
      int *own = &weights[(size_t)most * (size_t)index];
      for (int place = start; place < end; ++place)
        own[place - start] = (int)(0.5 + raw[(size_t)(place - start)] / sum * (1 << precision));
      pixels[(size_t)index] = {start, end - start, own};
    }
  }
};

static inline uint8_t byte(int sum) {
  sum >>= precision;
  return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

static inline __attribute__((always_inline)) void row_across(
    const uint8_t *row, uint8_t *result, const taps *pixels, int count) {
  for (int column = 0; column < count; ++column) {
    const taps own = pixels[column];
    const uint8_t *from = row + 3 * own.start;
    int red = 1 << (precision - 1), green = red, blue = red;
    for (int tap = 0; tap < own.count; ++tap, from += 3) {
      red += from[0] * own.weights[tap];
      green += from[1] * own.weights[tap];
      blue += from[2] * own.weights[tap];
    }
    result[3 * column] = byte(red);
    result[3 * column + 1] = byte(green);
    result[3 * column + 2] = byte(blue);
  }
}

static inline __attribute__((always_inline)) void row_down(
    const uint8_t *rows, size_t stride, uint8_t *result, taps own, int *sums) {
  for (size_t place = 0; place < stride; ++place) sums[place] = 1 << (precision - 1);
  for (int tap = 0; tap < own.count; ++tap) {
    const uint8_t *from = rows + (size_t)(own.start + tap) * stride;
    const int weight = own.weights[tap];
    for (size_t place = 0; place < stride; ++place) sums[place] += from[place] * weight;
  }
  for (size_t place = 0; place < stride; ++place) result[place] = byte(sums[place]);
}

#if defined(__x86_64__)
#define WIDE __attribute__((target("avx2")))
WIDE static void row_across_wide(const uint8_t *row, uint8_t *result, const taps *pixels, int count) {
  row_across(row, result, pixels, count);
}
WIDE static void row_down_wide(
    const uint8_t *rows, size_t stride, uint8_t *result, taps own, int *sums) {
  row_down(rows, stride, result, own, sums);
}
static const bool is_wide = __builtin_cpu_supports("avx2");
#else
static const bool is_wide = false;
#define row_across_wide row_across
#define row_down_wide row_down
#endif

int nap_resize(
    const uint8_t *pixels, int width, int height, size_t stride, const double box[4], int all_width,
    int all_height, nap_box crop, uint8_t *result) {
  try {
    const filter across(width, box[0], box[2], all_width, crop.left, crop.width);
    const filter down(height, box[1], box[3], all_height, crop.top, crop.height);
    const size_t new_stride = 3 * (size_t)crop.width;
    const int first = down.pixels.front().start;
    const int last = down.pixels.back().start + down.pixels.back().count;
    std::vector<uint8_t> rows(new_stride * (size_t)(last - first));
    std::vector<int> sums(new_stride);
    for (int row = first; row < last; ++row)
      (is_wide ? row_across_wide : row_across)(
          pixels + (size_t)row * stride, &rows[(size_t)(row - first) * new_stride], across.pixels.data(),
          crop.width);
    for (int row = 0; row < crop.height; ++row) {
      taps own = down.pixels[(size_t)row];
      own.start -= first;
      (is_wide ? row_down_wide : row_down)(
          rows.data(), new_stride, result + (size_t)row * new_stride, own, sums.data());
    }
    return 0;
  } catch (const std::bad_alloc &) {
    return 1;
  }
}
