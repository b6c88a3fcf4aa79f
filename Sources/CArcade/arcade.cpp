#ifdef ARCADE
// Opening games, running commands, looking at screens.
#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <mutex>
#include <stdexcept>

#include <ale/common/ColourPalette.hpp>
#include <ale/emucore/Console.hxx>
#include <ale/emucore/MD5.hxx>
#include <ale/emucore/Props.hxx>
#include <nap_ale_roms.h>

#include "seam.h"

namespace {
thread_local std::string last_error;

std::string md5_of(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file.good()) throw std::runtime_error(path + ": the file is missing or cannot be read");
  std::vector<uint8_t> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (bytes.empty()) throw std::runtime_error(path + ": the file is empty, expected the image of a game cartridge");
  return ale::stella::MD5(bytes.data(), uint32_t(bytes.size()));
}

void load(nap_arcade_handle &arcade, const std::string &path, const std::string &md5) {
  md5_of(path);  // a clear reason where it cannot be read: what follows would end the program
  auto name = ale::ALEInterface::isSupportedROM(path);
  if (!name) throw std::runtime_error(path + ": this is none of the games that the emulator knows, or an altered one");
  // Loading fills tables that all emulators share.
  static std::mutex loading;
  std::lock_guard<std::mutex> lock(loading);
  ale::Logger::setMode(ale::Logger::Error);
  arcade.emulator = std::make_unique<ale::ALEInterface>();
  arcade.emulator->setInt("random_seed", arcade.options.seed);
  arcade.emulator->setFloat("repeat_action_probability", arcade.options.repeat_action_probability);
  arcade.emulator->setInt("frame_skip", 1);
  arcade.emulator->setInt("max_num_frames_per_episode", 0);
  arcade.emulator->setBool("color_averaging", false);
  arcade.emulator->setBool("sound", false);
  arcade.emulator->loadROM(path);
  // The file may have become another since it was looked at: what counts is what was loaded.
  const auto loaded = arcade.emulator->theOSystem->console().properties().get(ale::stella::Cartridge_MD5);
  if (loaded != md5) throw std::runtime_error(path + ": expected the MD5 sum " + md5 + ", loaded an image of " + loaded);
  arcade.game = arcade.emulator->romSettings->rom();
}
}  // namespace

namespace nap {
void set_error(const std::string &reason) { last_error = reason; }

void run(nap_arcade_handle &arcade, const nap_arcade_command &command, nap_arcade_result &result, uint8_t *observation) {
  auto &emulator = *arcade.emulator;
  auto keep_screen = [&](int slot) {
    const auto &screen = emulator.getScreen();
    std::memcpy(arcade.screens[slot].data(), screen.getArray(), screen.arraySize());
  };
  result = {};
  int kept = 0;
  if (command.resets) {
    emulator.reset_game();
    for (int frame = 0; frame < command.frames; ++frame) {
      emulator.act(ale::PLAYER_A_NOOP);
      ++result.frames;
      // A game that ends by itself begins again, and the rest of the no-ops follows.
      if (emulator.game_over()) emulator.reset_game();
    }
    keep_screen(kept++);
  } else {
    const int pooled = arcade.options.pooled_frames;
    int lives = emulator.lives();
    for (int frame = 0; frame < command.frames && !result.game_over; ++frame) {
      result.reward += emulator.act(ale::Action(command.action));
      ++result.frames;
      result.game_over = emulator.game_over();
      const int now = emulator.lives();
      if (now < lives && !result.game_over) result.life_lost = true;
      lives = now;
      // Where the step may end now or be cut short by the game's end, only the last screens count.
      if (pooled > 1 && (frame >= command.frames - pooled || result.game_over)) {
        if (kept == pooled) std::rotate(arcade.screens.begin(), arcade.screens.begin() + 1, arcade.screens.end()), --kept;
        keep_screen(kept++);
      }
    }
    if (pooled == 1) keep_screen(kept++);
  }
  result.lives = emulator.lives();
  if (observation) {
    const uint8_t *screens[64];
    for (int i = 0; i < kept; ++i) screens[i] = arcade.screens[i].data();
    arcade.picture->draw(screens, kept, observation);
  }
}
}  // namespace nap

extern "C" {
const char *nap_arcade_last_error(void) { return last_error.c_str(); }
const char *nap_arcade_version(void) { return ALE_VERSION; }
const char *nap_arcade_roms(void) { return NAP_ALE_ROMS; }

int nap_arcade_md5(const char *path, char digest[33]) {
  return nap::guarded([&] {
    const std::string text = md5_of(path);
    std::strncpy(digest, text.c_str(), 33);
    digest[32] = 0;
  });
}

int nap_arcade_open(const char *path, const char *md5, const nap_arcade_options *options, nap_arcade *out) {
  return nap::guarded([&] {
    if (options->height < 1 || options->width < 1) throw std::invalid_argument("the size of an observation must be at least 1 x 1");
    if (options->pooled_frames < 1 || options->pooled_frames > 64) throw std::invalid_argument("1 to 64 frames can be pooled");
    auto arcade = std::make_unique<nap_arcade_handle>();
    arcade->options = *options;
    load(*arcade, path, md5);
    const auto &screen = arcade->emulator->getScreen();
    arcade->screens.assign(options->pooled_frames, std::vector<uint8_t>(screen.arraySize()));
    uint32_t palette[256];
    for (int index = 0; index < 256; ++index)
      palette[index] = arcade->emulator->theOSystem->colourPalette().getRGB(index);
    arcade->picture = std::make_unique<nap::Picture>(
        int(screen.height()), int(screen.width()), options->height, options->width, options->luma, palette);
    *out = arcade.release();
  });
}

void nap_arcade_free(nap_arcade arcade) { delete arcade; }
const char *nap_arcade_game(nap_arcade arcade) { return arcade->game.c_str(); }

int nap_arcade_actions(nap_arcade arcade, bool minimal, int *actions, int *count) {
  return nap::guarded([&] {
    const auto set = minimal ? arcade->emulator->getMinimalActionSet() : arcade->emulator->getLegalActionSet();
    if (set.size() > nap_arcade_action_limit) throw std::runtime_error("the game has more actions than a console");
    *count = int(set.size());
    for (size_t i = 0; i < set.size(); ++i) actions[i] = int(set[i]);
  });
}

int nap_arcade_run(nap_arcade arcade, const nap_arcade_command *command, nap_arcade_result *result, uint8_t *observation) {
  return nap::guarded([&] { nap::run(*arcade, *command, *result, observation); });
}

int nap_arcade_act(nap_arcade arcade, int action, double *reward) {
  return nap::guarded([&] { *reward = arcade->emulator->act(ale::Action(action)); });
}

int nap_arcade_game_over(nap_arcade arcade, bool *over) {
  return nap::guarded([&] { *over = arcade->emulator->game_over(); });
}

int nap_arcade_lives(nap_arcade arcade, int *lives) {
  return nap::guarded([&] { *lives = arcade->emulator->lives(); });
}

int nap_arcade_screen_size(nap_arcade arcade, int *height, int *width) {
  return nap::guarded([&] {
    *height = int(arcade->emulator->getScreen().height());
    *width = int(arcade->emulator->getScreen().width());
  });
}

int nap_arcade_screen(nap_arcade arcade, uint8_t *rgb, size_t byte_count) {
  return nap::guarded([&] {
    std::vector<unsigned char> bytes;
    arcade->emulator->getScreenRGB(bytes);
    if (bytes.size() != byte_count) throw std::invalid_argument("the buffer does not fit the screen");
    std::copy(bytes.begin(), bytes.end(), rgb);
  });
}

int nap_arcade_save(nap_arcade arcade, const uint8_t **bytes, size_t *byte_count) {
  return nap::guarded([&] {
    arcade->saved = nap::saved_state(*arcade->emulator);
    *bytes = arcade->saved.data();
    *byte_count = arcade->saved.size();
  });
}

int nap_arcade_restore(nap_arcade arcade, const uint8_t *bytes, size_t byte_count) {
  return nap::guarded([&] {
    const auto before = nap::saved_state(*arcade->emulator);
    try {
      nap::restore_state(*arcade->emulator, bytes, byte_count);
    } catch (...) {
      nap::restore_state(*arcade->emulator, before.data(), before.size());
      throw;
    }
  });
}
}
#endif
