#include "resize.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

static const int precision = 22;

filter::filter(int old, double from, double to, int all, int first, int count) {
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

static inline uint8_t byte(int sum) {
  sum >>= precision;
  return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

typedef int four __attribute__((vector_size(16)));
typedef int eight __attribute__((vector_size(32)));
typedef uint8_t four_bytes __attribute__((vector_size(4)));
typedef uint8_t eight_bytes __attribute__((vector_size(8)));

// By reference, since how vectors are passed depends on the processor.
template <typename Vector, typename Bytes>
static inline __attribute__((always_inline)) void add(Vector &sums, const uint8_t *from, int weight) {
  Bytes bytes;
  memcpy(&bytes, from, sizeof bytes);
  sums += __builtin_convertvector(bytes, Vector) * weight;
}

template <typename Vector, typename Bytes>
static inline __attribute__((always_inline)) void store(Vector &sums, uint8_t *to, size_t count) {
  sums >>= precision;
  sums &= sums > 0;
  const Bytes bytes = __builtin_convertvector(sums > 255 ? Vector{} + 255 : sums, Bytes);
  memcpy(to, &bytes, count);
}

// `together` rows at a time share what is read of weights. Of each row's last pixel a byte more is read.
template <int together>
static inline __attribute__((always_inline)) void rows_across(
    const uint8_t *rows, size_t stride, uint8_t *result, size_t new_stride, const taps *pixels, int count) {
  for (int column = 0; column < count; ++column) {
    const taps own = pixels[column];
    const uint8_t *from = rows + 3 * own.start;
    four sums[together];
    for (four &sum : sums) sum = four{} + (1 << (precision - 1));
    for (int tap = 0; tap < own.count; ++tap, from += 3)
      for (int row = 0; row < together; ++row)
        add<four, four_bytes>(sums[row], from + (size_t)row * stride, own.weights[tap]);
    for (int row = 0; row < together; ++row)
      store<four, four_bytes>(sums[row], result + (size_t)row * new_stride + 3 * column, 3);
  }
}

static inline __attribute__((always_inline)) void row_across(
    const uint8_t *row, uint8_t *result, const taps *pixels, int count) {
  for (int column = 0; column < count; ++column) {
    const taps own = pixels[column];
    const uint8_t *from = row + 3 * own.start;
    for (int colour = 0; colour < 3; ++colour) {
      int sum = 1 << (precision - 1);
      for (int tap = 0; tap < own.count; ++tap) sum += from[3 * tap + colour] * own.weights[tap];
      result[3 * column + colour] = byte(sum);
    }
  }
}

static inline __attribute__((always_inline)) void across(
    const uint8_t *pixels, size_t stride, int rows, int safe, const std::vector<taps> &columns, uint8_t *result) {
  const int count = (int)columns.size(), together = 4;
  const size_t new_stride = 3 * columns.size();
  int row = 0;
  for (; row + together <= std::min(rows, safe); row += together, result += together * new_stride)
    rows_across<together>(pixels + (size_t)row * stride, stride, result, new_stride, columns.data(), count);
  for (; row < rows; ++row, result += new_stride)
    row_across(pixels + (size_t)row * stride, result, columns.data(), count);
}

static inline __attribute__((always_inline)) void row_down(
    const uint8_t *rows, size_t stride, uint8_t *result, taps own) {
  const int half = 1 << (precision - 1), parts = 4;
  rows += (size_t)own.start * stride;
  size_t place = 0;
  for (; place + 8 * parts <= stride; place += 8 * parts) {
    eight sums[parts];
    for (eight &sum : sums) sum = eight{} + half;
    for (int tap = 0; tap < own.count; ++tap)
      for (int part = 0; part < parts; ++part)
        add<eight, eight_bytes>(
            sums[part], rows + (size_t)tap * stride + place + 8 * part, own.weights[tap]);
    for (int part = 0; part < parts; ++part)
      store<eight, eight_bytes>(sums[part], result + place + 8 * part, 8);
  }
  for (; place < stride; ++place) {
    int sum = half;
    for (int tap = 0; tap < own.count; ++tap) sum += rows[(size_t)tap * stride + place] * own.weights[tap];
    result[place] = byte(sum);
  }
}

static inline __attribute__((always_inline)) void standardize(
    const uint8_t *pixels, size_t count, const float *factors, const float *offsets, float *planes) {
#pragma clang fp contract(off)
  for (size_t place = 0; place < count; ++place)
    for (size_t colour = 0; colour < 3; ++colour)
      planes[colour * count + place] = (float)pixels[3 * place + colour] * factors[colour] + offsets[colour];
}

// Everything twice: for processors with AVX2, and for all.
#if defined(__x86_64__)
#define WIDE __attribute__((target("avx2")))
static const bool is_wide = __builtin_cpu_supports("avx2");
#else
#define WIDE
static const bool is_wide = false;
#endif
#define IN_TWO_WIDTHS(name, parameters, arguments)             \
  static WIDE void name##_wide parameters { name arguments; } \
  static void name##_plain parameters { name arguments; }     \
  static void (*const best_##name) parameters = is_wide ? name##_wide : name##_plain;

IN_TWO_WIDTHS(
    across,
    (const uint8_t *pixels, size_t stride, int rows, int safe, const std::vector<taps> &columns, uint8_t *result),
    (pixels, stride, rows, safe, columns, result))
IN_TWO_WIDTHS(
    row_down, (const uint8_t *rows, size_t stride, uint8_t *result, taps own), (rows, stride, result, own))
IN_TWO_WIDTHS(
    standardize, (const uint8_t *pixels, size_t count, const float *factors, const float *offsets, float *planes),
    (pixels, count, factors, offsets, planes))

resizing::resizing(
    int width, int height, const double corners[4], int all_width, int all_height, nap_box crop)
    : columns(width, corners[0], corners[2], all_width, crop.left, crop.width),
      lines(height, corners[1], corners[3], all_height, crop.top, crop.height),
      first(lines.pixels.front().start),
      last(lines.pixels.back().start + lines.pixels.back().count),
      rows(new uint8_t[3 * (size_t)crop.width * (size_t)(last - first)]),
      band(new uint8_t[3 * (size_t)width * together + 1]),
      stride(3 * (size_t)width) {}

void resizing::take(const uint8_t *pixels, size_t stride, int from, int count, int safe) {
  const int begin = std::max(from, first), end = std::min(from + count, last);
  if (begin >= end) return;
  best_across(
      pixels + (size_t)(begin - from) * stride, stride, end - begin, from + safe - begin, columns.pixels,
      &rows[3 * columns.pixels.size() * (size_t)(begin - first)]);
}

void resizing::flush() {
  take(band.get(), stride, given, held, held);
  given += held;
  held = 0;
}

uint8_t *resizing::next() {
  if (held == together) flush();
  return &band[stride * (size_t)held++];
}

void resizing::finish(uint8_t *result) {
  flush();
  const size_t new_stride = 3 * columns.pixels.size();
  for (taps own : lines.pixels) {
    own.start -= first;
    best_row_down(rows.get(), new_stride, result, own);
    result += new_stride;
  }
}

int nap_resize(
    const uint8_t *pixels, int width, int height, size_t stride, const double box[4], int all_width,
    int all_height, nap_box crop, uint8_t *result) {
  try {
    resizing view(width, height, box, all_width, all_height, crop);
    view.take(pixels, stride, 0, height, height - 1);
    view.finish(result);
    return 0;
  } catch (const std::bad_alloc &) {
    return 1;
  }
}

void nap_mirror(const uint8_t *pixels, size_t width, size_t height, uint8_t *result) {
  for (size_t row = 0; row < height; ++row, result += 3 * width)
    for (size_t column = width; column-- > 0; pixels += 3) memcpy(result + 3 * column, pixels, 3);
}

void nap_standardize(
    const uint8_t *pixels, size_t count, const float factors[3], const float offsets[3], float *planes) {
  best_standardize(pixels, count, factors, offsets, planes);
}
