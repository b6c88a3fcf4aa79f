// The seam to libjpeg(-turbo), whose errors jump: status codes instead. Every function returns 0, or 1 with a reason.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { nap_jpeg_message_limit = 256 };

/// Reads the width and height of an image from its header.
int nap_jpeg_size(const uint8_t *bytes, size_t count, int *width, int *height, char *reason);

/// Writes `3 * width * height` bytes, red, green and blue of each pixel, rows from the top. An image that is cut short is an
/// error; other irregularities are let pass, as Pillow does.
int nap_jpeg_decode(
    const uint8_t *bytes, size_t count, int width, int height, uint8_t *pixels, char *reason);

#ifdef __cplusplus
}
#endif
