#include "CImages.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <png.h>

int nap_jpeg_size(const uint8_t *bytes, size_t count, int *width, int *height, char *reason);

// Nothing here has a destructor that a jump could leave out.
struct input {
  const uint8_t *bytes;
  size_t left;
  char *reason;
  jmp_buf end;
};

static void leave(png_structp png, png_const_charp words) {
  input *own = (input *)png_get_error_ptr(png);
  snprintf(own->reason, nap_image_message_limit, "%s", words);
  longjmp(own->end, 1);
}

static void pass(png_structp, png_const_charp) {}

static void read(png_structp png, png_bytep to, size_t count) {
  input *own = (input *)png_get_io_ptr(png);
  if (count > own->left) png_error(png, "the end of the file inside a PNG");
  memcpy(to, own->bytes, count);
  own->bytes += count;
  own->left -= count;
}

/// What both functions do: `pixels` is null for the header alone.
static int read_png(
    const uint8_t *bytes, size_t count, int *width, int *height, uint8_t *pixels, char *reason) {
  input own;
  own.bytes = bytes;
  own.left = count;
  own.reason = reason;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &own, leave, pass);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  png_bytep *volatile rows = nullptr;
  if (!info) {
    snprintf(reason, nap_image_message_limit, "too little memory");
    png_destroy_read_struct(&png, nullptr, nullptr);
    return 1;
  }
  if (setjmp(own.end)) {
    free((void *)rows);
    png_destroy_read_struct(&png, &info, nullptr);
    return 1;
  }
  png_set_read_fn(png, &own, read);
  // Texts and colour profiles are not needed, and may be bombs.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_set_chunk_malloc_max(png, 1 << 20);
  png_read_info(png, info);
  if (!pixels) {
    *width = (int)png_get_image_width(png, info);
    *height = (int)png_get_image_height(png, info);
  } else {
    png_set_strip_16(png);
    png_set_palette_to_rgb(png);
    if (png_get_color_type(png, info) == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png);
    png_set_gray_to_rgb(png);
    png_set_strip_alpha(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    const size_t stride = 3 * (size_t)*width;
    if (png_get_rowbytes(png, info) != stride || (int)png_get_image_height(png, info) != *height)
      png_error(png, "another size than its header's");
    rows = (png_bytep *)malloc(sizeof(png_bytep) * (size_t)*height);
    if (!rows) png_error(png, "too little memory");
    for (int row = 0; row < *height; ++row) rows[row] = pixels + (size_t)row * stride;
    png_read_image(png, rows);
    free((void *)rows);
  }
  png_destroy_read_struct(&png, &info, nullptr);
  return 0;
}

int nap_image_size(
    const uint8_t *bytes, size_t count, int *is_png, int *width, int *height, char *reason) {
  *is_png = count >= 8 && !png_sig_cmp(bytes, 0, 8);
  return *is_png ? read_png(bytes, count, width, height, nullptr, reason)
                 : nap_jpeg_size(bytes, count, width, height, reason);
}

int nap_png_decode(
    const uint8_t *bytes, size_t count, int width, int height, uint8_t *pixels, char *reason) {
  return read_png(bytes, count, &width, &height, pixels, reason);
}
