// Resizing by rows, as they come.
#pragma once
#include "CImages.h"

#include <memory>
#include <vector>

/// The old pixels of a new one, and their weights in units of 2^-22, so that a sum over bytes fits 32 bits.
struct taps {
  int start, count;
  const int *weights;
};

struct filter {
  /// New pixels `first` to below `first + count` of `all`.
  filter(int old, double from, double to, int all, int first, int count);
  std::vector<taps> pixels;
  std::vector<int> weights;
};

/// An image at another size: see `nap_resize`. May throw `bad_alloc` when it is made, and nowhere else.
class resizing {
 public:
  resizing(int width, int height, const double corners[4], int all_width, int all_height, nap_box crop);
  /// Takes rows in order, `from` being the place of the first. Of the first `safe` ones a byte beyond the end is read.
  void take(const uint8_t *pixels, size_t stride, int from, int count, int safe);
  /// Where the next row goes, one after another: the other way to give rows.
  uint8_t *next();
  /// Writes the result when all rows were given.
  void finish(uint8_t *result);

 private:
  void flush();
  static const int together = 4;
  filter columns, lines;
  int first, last, given = 0, held = 0;
  std::unique_ptr<uint8_t[]> rows, band;
  size_t stride;
};
