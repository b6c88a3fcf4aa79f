// The seam to libjpeg(-turbo) and libpng, whose errors jump: status codes instead. Every function that has a `reason`
// returns 0, or 1 with it.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { nap_image_message_limit = 256 };

/// A part of an image, in pixels.
typedef struct {
  int left, top, width, height;
} nap_box;

/// Reads the width and height of a JPEG or PNG from its header; which of them it is, its first bytes say.
int nap_image_size(
    const uint8_t *bytes, size_t count, int *is_png, int *width, int *height, char *reason);

/// Writes the box's `3 * width * height` bytes: red, green and blue of each pixel, rows from the top. `denominator` (1, 2,
/// 4 or 8) scales by the DCT; the box is in the scaled image, whose sides are those of the image over it, rounded up. An
/// image that is cut short is an error, unless below the box; other irregularities are let pass, as Pillow does. Four
/// colours are read as Adobe's inverted CMYK and become RGB as in Pillow.
int nap_jpeg_decode(
    const uint8_t *bytes, size_t count, int denominator, nap_box box, uint8_t *pixels, char *reason);

/// Decodes a box as `nap_jpeg_decode` does and writes the part between two corners of it (left, top, right, bottom) at
/// another size as `nap_resize` does, row by row: the box itself is never in memory.
int nap_jpeg_resize(
    const uint8_t *bytes, size_t count, int denominator, nap_box box, const double corners[4], int width,
    int height, uint8_t *result, char *reason);

/// Writes `3 * width * height` bytes of a whole PNG: 16 bits are cut to 8, transparency is left out.
int nap_png_decode(
    const uint8_t *bytes, size_t count, int width, int height, uint8_t *pixels, char *reason);

/// Encodes RGB as a JPEG of 4:2:0; `*result` is to be given to `free`.
int nap_jpeg_encode(
    const uint8_t *pixels, int width, int height, int quality, uint8_t **result, size_t *count,
    char *reason);

/// Resizes `box` (left, top, right, bottom; may end between pixels) of `width` x `height` RGB pixels, whose rows are
/// `stride` bytes apart, to `all_width` x `all_height` by Pillow's triangle filter, and writes the part `crop` of that.
/// Returns 0, or 1 if memory is short.
int nap_resize(
    const uint8_t *pixels, int width, int height, size_t stride, const double box[4], int all_width,
    int all_height, nap_box crop, uint8_t *result);

/// Writes the image with the columns of each row from right to left.
void nap_mirror(const uint8_t *pixels, size_t width, size_t height, uint8_t *result);

/// Writes the planes of red, green and blue of `count` pixels, `byte * factor + offset` with each of both rounded.
void nap_standardize(
    const uint8_t *pixels, size_t count, const float factors[3], const float offsets[3], float *planes);

#ifdef __cplusplus
}
#endif
