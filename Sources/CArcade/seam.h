// What the files of this target share: the handle, and the macro that keeps exceptions on this side.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ale/ale_interface.hpp>

#include "include/CArcade.h"
#include "picture.h"

struct nap_arcade_handle {
  std::unique_ptr<ale::ALEInterface> emulator;
  std::string game;
  nap_arcade_options options;
  std::unique_ptr<nap::Picture> picture;
  // The last screens of the running step, oldest first: palette indices.
  std::vector<std::vector<uint8_t>> screens;
  std::vector<uint8_t> saved;
};

namespace nap {
void set_error(const std::string &reason);

/// Runs `body`; turns whatever it throws into status 1 and the thread's reason.
template <typename Body>
int guarded(Body &&body) noexcept {
  try {
    body();
    return 0;
  } catch (const std::exception &error) {
    set_error(error.what());
  } catch (...) {
    set_error("an unknown failure in the emulator");
  }
  return 1;
}

std::vector<uint8_t> saved_state(ale::ALEInterface &emulator);
void restore_state(ale::ALEInterface &emulator, const uint8_t *bytes, size_t count);
void run(nap_arcade_handle &arcade, const nap_arcade_command &command, nap_arcade_result &result, uint8_t *observation);
}  // namespace nap
