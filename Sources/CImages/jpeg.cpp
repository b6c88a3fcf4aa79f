#include "resize.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include <jpeglib.h>

#include <jerror.h>

// Nothing here has a destructor that a jump could leave out.
struct errors {
  jpeg_error_mgr base;
  jmp_buf end;
  char *reason;
};

static void leave(j_common_ptr info) {
  errors *own = (errors *)info->err;
  char text[JMSG_LENGTH_MAX];
  info->err->format_message(info, text);
  snprintf(own->reason, nap_image_message_limit, "%s", text);
  longjmp(own->end, 1);
}

static void observe(j_common_ptr info, int level) {
  const int code = info->err->msg_code;
  if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER)) leave(info);
}

static jpeg_error_mgr *started(errors *own, char *reason) {
  jpeg_error_mgr *base = jpeg_std_error(&own->base);
  base->error_exit = leave;
  base->emit_message = observe;
  own->reason = reason;
  return base;
}

// Pillow's cmyk2rgb after the inversion that it takes for granted.
static inline uint8_t shaded(int ink, int key) {
  const int product = (255 - ink) * key + 128;
  const int value = key - (((product >> 8) + product) >> 8);
  return (uint8_t)(value < 0 ? 0 : value);
}

/// `pixels` and `view` are null for the header alone; one of them takes the rows of the box.
static int read_jpeg(
    const uint8_t *bytes, size_t count, int denominator, nap_box *box, uint8_t *pixels, resizing *view,
    char *reason) {
  jpeg_decompress_struct info;
  errors own;
  memset(&info, 0, sizeof info);
  info.err = started(&own, reason);
  if (setjmp(own.end)) {
    jpeg_destroy_decompress(&info);
    return 1;
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, bytes, (unsigned long)count);
  jpeg_read_header(&info, TRUE);
  if (!pixels && !view) {
    box->width = (int)info.image_width;
    box->height = (int)info.image_height;
  } else {
    const bool has_four = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
    info.out_color_space = has_four ? JCS_CMYK : JCS_RGB;
    info.dct_method = JDCT_ISLOW;
    info.scale_num = 1;
    info.scale_denom = (unsigned)denominator;
    jpeg_start_decompress(&info);
    const int right = box->left + box->width, bottom = box->top + box->height;
    if (right > (int)info.output_width || bottom > (int)info.output_height) {
      snprintf(reason, nap_image_message_limit, "another size than its header's");
      longjmp(own.end, 1);
    }
    // Chroma at the edge of what is decoded differs from that of the whole image: so some columns more on both sides.
    const int margin = 8;
    JDIMENSION first = (JDIMENSION)(box->left > margin ? box->left - margin : 0);
    JDIMENSION columns = info.output_width - first;
    if (right + margin < (int)info.output_width) columns = (JDIMENSION)(right + margin) - first;
    if (columns < info.output_width) jpeg_crop_scanline(&info, &first, &columns);
    if (box->top > 0) jpeg_skip_scanlines(&info, (JDIMENSION)box->top);
    const int channels = has_four ? 4 : 3;
    JSAMPARRAY rows = (*info.mem->alloc_sarray)(
        (j_common_ptr)&info, JPOOL_IMAGE, (JDIMENSION)(channels * info.output_width + 1), 1);
    // libjpeg-turbo writes aligned rows past the cache, from where the row is read at once: so this one is not aligned.
    ++rows[0];
    const size_t offset = (size_t)channels * (size_t)(box->left - (int)first);
    const bool is_direct = !has_four && !view && box->width == (int)info.output_width;
    for (int row = 0; row < box->height; ++row) {
      uint8_t *to = view ? view->next() : pixels + (size_t)row * 3 * (size_t)box->width;
      if (!jpeg_read_scanlines(&info, is_direct ? &to : rows, 1)) ERREXIT(&info, JERR_INPUT_EMPTY);
      if (is_direct) continue;
      const uint8_t *from = rows[0] + offset;
      if (!has_four) memcpy(to, from, 3 * (size_t)box->width);
      else
        for (int column = 0; column < box->width; ++column, from += 4, to += 3)
          for (int colour = 0; colour < 3; ++colour) to[colour] = shaded(from[colour], from[3]);
    }
    // What lies below is not decoded.
    if (bottom == (int)info.output_height) jpeg_finish_decompress(&info);
  }
  jpeg_destroy_decompress(&info);
  return 0;
}

int nap_jpeg_size(const uint8_t *bytes, size_t count, int *width, int *height, char *reason) {
  nap_box box = {0, 0, 0, 0};
  const int status = read_jpeg(bytes, count, 1, &box, nullptr, nullptr, reason);
  *width = box.width;
  *height = box.height;
  return status;
}

int nap_jpeg_decode(
    const uint8_t *bytes, size_t count, int denominator, nap_box box, uint8_t *pixels, char *reason) {
  return read_jpeg(bytes, count, denominator, &box, pixels, nullptr, reason);
}

int nap_jpeg_resize(
    const uint8_t *bytes, size_t count, int denominator, nap_box box, const double corners[4], int width,
    int height, uint8_t *result, char *reason) {
  try {
    resizing view(box.width, box.height, corners, width, height, {0, 0, width, height});
    // What jumps inside passes nothing that has a destructor.
    const int status = read_jpeg(bytes, count, denominator, &box, nullptr, &view, reason);
    if (status == 0) view.finish(result);
    return status;
  } catch (const std::bad_alloc &) {
    snprintf(reason, nap_image_message_limit, "too little memory");
    return 1;
  }
}

int nap_jpeg_encode(
    const uint8_t *pixels, int width, int height, int quality, uint8_t **result, size_t *count,
    char *reason) {
  jpeg_compress_struct info;
  errors own;
  memset(&info, 0, sizeof info);
  info.err = started(&own, reason);
  unsigned char *volatile *const held = (unsigned char *volatile *)result;
  *held = nullptr;
  unsigned long size = 0;
  if (setjmp(own.end)) {
    jpeg_destroy_compress(&info);
    free((void *)*held);
    *held = nullptr;
    return 1;
  }
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, result, &size);
  info.image_width = (JDIMENSION)width;
  info.image_height = (JDIMENSION)height;
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    JSAMPROW row = (JSAMPROW)(pixels + (size_t)info.next_scanline * 3 * (size_t)width);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  *count = size;
  return 0;
}
