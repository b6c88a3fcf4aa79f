#include "CJPEG.h"

#include <csetjmp>
#include <cstdio>
#include <cstring>

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
  snprintf(own->reason, nap_jpeg_message_limit, "%s", text);
  longjmp(own->end, 1);
}

static void observe(j_common_ptr info, int level) {
  const int code = info->err->msg_code;
  if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER)) leave(info);
}

/// What both functions do: `pixels` is null for the header alone.
static int read_jpeg(
    const uint8_t *bytes, size_t count, int *width, int *height, uint8_t *pixels, char *reason) {
  jpeg_decompress_struct info;
  errors own;
  memset(&info, 0, sizeof info);
  info.err = jpeg_std_error(&own.base);
  own.base.error_exit = leave;
  own.base.emit_message = observe;
  own.reason = reason;
  if (setjmp(own.end)) {
    jpeg_destroy_decompress(&info);
    return 1;
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, bytes, (unsigned long)count);
  jpeg_read_header(&info, TRUE);
  if (info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK) {
    snprintf(reason, nap_jpeg_message_limit, "four colours (CMYK) instead of one or three");
    longjmp(own.end, 1);
  }
  if (!pixels) {
    *width = (int)info.image_width;
    *height = (int)info.image_height;
  } else {
    info.out_color_space = JCS_RGB;
    info.dct_method = JDCT_ISLOW;
    jpeg_start_decompress(&info);
    if ((int)info.output_width != *width || (int)info.output_height != *height) {
      snprintf(reason, nap_jpeg_message_limit, "another size than its header's");
      longjmp(own.end, 1);
    }
    while (info.output_scanline < info.output_height) {
      JSAMPROW row = pixels + (size_t)info.output_scanline * 3 * info.output_width;
      jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
  }
  jpeg_destroy_decompress(&info);
  return 0;
}

int nap_jpeg_size(const uint8_t *bytes, size_t count, int *width, int *height, char *reason) {
  return read_jpeg(bytes, count, width, height, nullptr, reason);
}

int nap_jpeg_decode(
    const uint8_t *bytes, size_t count, int width, int height, uint8_t *pixels, char *reason) {
  return read_jpeg(bytes, count, &width, &height, pixels, reason);
}
