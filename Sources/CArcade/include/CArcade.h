// The seam to the Arcade Learning Environment: opaque handles and status codes. No C++ exception crosses it.
//
// Every function that can fail returns 0, or 1 with the reason in nap_arcade_last_error() of the calling thread. A handle is
// owned by the caller and freed by the matching *_free. One handle serves one thread at a time; different handles are
// independent. Nothing here decides anything about training: how many frames, which pool and which size are arguments.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct nap_arcade_handle *nap_arcade;
typedef struct nap_arcade_threads_handle *nap_arcade_threads;

enum { nap_arcade_action_limit = 18, nap_arcade_message_limit = 256 };

/// How to open a game and how to look at its screen.
typedef struct {
  int32_t seed;                    // of the emulator's generator, not negative
  float repeat_action_probability; // that a frame keeps the action of the frame before
  double luma[3];                  // weights of red, green and blue
  int pooled_frames;               // the pixel-wise maximum over so many last frames of a step, per colour channel
  int height, width;               // of observations
} nap_arcade_options;

/// What to do with one emulator: begin an episode with `frames` no-ops, or take `action` for up to `frames` frames.
typedef struct {
  bool resets;
  int action; // one of the emulator's 18
  int frames;
} nap_arcade_command;

/// What a command brought.
typedef struct {
  int status;      // 0, or 1 with a message
  double reward;   // summed over the frames
  int frames;      // that were emulated
  bool game_over;
  bool life_lost;  // the lives fell from one frame to the next while the game went on
  int lives;
  char message[nap_arcade_message_limit];
} nap_arcade_result;

/// The reason for this thread's last failure; valid until its next call.
const char *nap_arcade_last_error(void);
/// The emulator's version, such as "0.12.1".
const char *nap_arcade_version(void);
/// The folder of the games that were installed with the emulator.
const char *nap_arcade_roms(void);
/// The MD5 sum of a file in lower-case hexadecimal digits, with the closing zero.
int nap_arcade_md5(const char *path, char digest[33]);

/// Opens a game. The file must be one of the games that the emulator knows, unaltered, whatever its name; the bytes that
/// the emulator has loaded are those of the MD5 sum, whatever became of the file meanwhile.
int nap_arcade_open(const char *path, const char *md5, const nap_arcade_options *options, nap_arcade *out);
void nap_arcade_free(nap_arcade arcade);
/// The game's own name, such as "space_invaders".
const char *nap_arcade_game(nap_arcade arcade);
/// The actions that the game needs, or all that are legal; up to nap_arcade_action_limit of them.
int nap_arcade_actions(nap_arcade arcade, bool minimal, int *actions, int *count);

/// Runs a command, then writes the observation of height * width bytes where `observation` is not null.
int nap_arcade_run(nap_arcade arcade, const nap_arcade_command *command, nap_arcade_result *result, uint8_t *observation);
/// Emulates one frame and nothing else, to time the emulator alone.
int nap_arcade_act(nap_arcade arcade, int action, double *reward);
int nap_arcade_game_over(nap_arcade arcade, bool *over);
int nap_arcade_lives(nap_arcade arcade, int *lives);
/// The height and the width of the screen.
int nap_arcade_screen_size(nap_arcade arcade, int *height, int *width);
/// The newest screen, three bytes a pixel: red, green, blue.
int nap_arcade_screen(nap_arcade arcade, uint8_t *rgb, size_t byte_count);

/// Everything that decides the emulator's future, its random state and the last screens included. The bytes belong to the
/// handle until its next call.
int nap_arcade_save(nap_arcade arcade, const uint8_t **bytes, size_t *byte_count);
/// Goes on from what was saved by the same game. All or nothing.
int nap_arcade_restore(nap_arcade arcade, const uint8_t *bytes, size_t byte_count);

/// Threads that run commands; one of them is the caller's.
int nap_arcade_threads_create(int count, nap_arcade_threads *out);
void nap_arcade_threads_free(nap_arcade_threads threads);
/// Runs one command each on `count` different emulators. Results and observations (one after another, `stride` bytes each) come
/// in the order of the emulators, whatever the order of the work. Failures are in the results.
int nap_arcade_threads_run(nap_arcade_threads threads, const nap_arcade *arcades, const nap_arcade_command *commands,
                           nap_arcade_result *results, uint8_t *observations, size_t stride, int count);

#ifdef __cplusplus
}
#endif
