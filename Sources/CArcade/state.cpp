#ifdef ARCADE
// The emulator's whole state as bytes.
//
// The emulator's own serialization leaves out what it holds to be of no importance to planning: the action that a sticky frame
// repeats, which sprites the picture chip is about to draw, how far it is, and the pictures that it draws over. Without
// them a restored game can differ from the one that was saved, so they are read and written here, out of private members.
// C++ allows that in one place: an explicit instantiation may name a private member.
#include <array>
#include <cstring>
#include <initializer_list>
#include <stdexcept>
#include <type_traits>

#include <ale/emucore/Console.hxx>
#include <ale/emucore/TIA.hxx>
#include <ale/environment/stella_environment.hpp>
#include <ale/games/supported/MiniatureGolf.hpp>

#include "seam.h"

namespace {
using ale::MiniatureGolfSettings;
using ale::StellaEnvironment;
using ale::stella::TIA;

template <auto Member, typename Tag>
struct Reveal {
  friend constexpr auto revealed(Tag) { return Member; }
};
#define NAP_REVEAL(Owner, member)                    \
  struct member##_tag {                              \
    friend constexpr auto revealed(member##_tag);    \
  };                                                 \
  template struct Reveal<&Owner::member, member##_tag>;

NAP_REVEAL(StellaEnvironment, m_player_a_action)
NAP_REVEAL(StellaEnvironment, m_player_b_action)
NAP_REVEAL(StellaEnvironment, m_paddle_a_strength)
NAP_REVEAL(StellaEnvironment, m_paddle_b_strength)
NAP_REVEAL(TIA, myPartialFrameFlag)
NAP_REVEAL(TIA, myFrameCounter)
NAP_REVEAL(TIA, myCurrentFrameBuffer)
NAP_REVEAL(TIA, myPreviousFrameBuffer)
NAP_REVEAL(TIA, myFramePointer)
NAP_REVEAL(TIA, myFrameGreyed)
NAP_REVEAL(TIA, myCurrentBLMask)
NAP_REVEAL(TIA, myCurrentM0Mask)
NAP_REVEAL(TIA, myCurrentM1Mask)
NAP_REVEAL(TIA, myCurrentP0Mask)
NAP_REVEAL(TIA, myCurrentP1Mask)
NAP_REVEAL(TIA, myCurrentPFMask)
NAP_REVEAL(TIA, ourBallMaskTable)
NAP_REVEAL(TIA, ourMissleMaskTable)
NAP_REVEAL(TIA, ourPlayerMaskTable)
NAP_REVEAL(TIA, ourPlayfieldTable)
NAP_REVEAL(TIA, ourDisabledMaskTable)
NAP_REVEAL(MiniatureGolfSettings, m_levelNumber)
NAP_REVEAL(MiniatureGolfSettings, m_levelPar)
NAP_REVEAL(MiniatureGolfSettings, m_hits)
NAP_REVEAL(MiniatureGolfSettings, m_leftStatus)
NAP_REVEAL(MiniatureGolfSettings, m_hitsAtStartOfLevel)

constexpr size_t picture_bytes = 160 * 300;
constexpr char magic[8] = {'n', 'a', 'p', '-', 'a', 'l', 'e', '1'};

struct Writer {
  std::vector<uint8_t> bytes;
  void raw(void *data, size_t count) {
    const auto *start = static_cast<const uint8_t *>(data);
    bytes.insert(bytes.end(), start, start + count);
  }
};

struct Reader {
  const uint8_t *bytes;
  size_t left;
  void raw(void *data, size_t count) {
    if (count > left) throw std::runtime_error("the emulator's saved state is cut short");
    std::memcpy(data, bytes, count);
    bytes += count;
    left -= count;
  }
};

template <typename Port, typename Value>
void number(Port &port, Value &value) {
  static_assert(std::is_trivially_copyable_v<Value>);
  port.raw(&value, sizeof value);
}

struct Table {
  const void *start;
  size_t bytes;
};

// A pointer into one of some tables of the emulator's, as the table's index and the distance from its beginning.
template <typename Port, typename Element>
void place(Port &port, Element *&pointer, std::initializer_list<Table> tables) {
  const auto *address = reinterpret_cast<const char *>(pointer);
  int32_t index = 0, found = -1;
  int64_t distance = 0;
  for (const Table &table : tables) {
    const auto *start = static_cast<const char *>(table.start);
    if (address >= start && address <= start + table.bytes) {
      found = index;
      distance = address - start;
    }
    ++index;
  }
  number(port, found);
  number(port, distance);
  if (found < 0 || found >= index) throw std::runtime_error("the emulator draws from a table that cannot be saved");
  const Table table = tables.begin()[found];
  if (distance < 0 || distance > int64_t(table.bytes) || distance % int64_t(sizeof(Element)) != 0)
    throw std::runtime_error("the emulator's saved state points outside its tables");
  pointer = reinterpret_cast<Element *>(const_cast<char *>(static_cast<const char *>(table.start)) + distance);
}

// What the serialization of the emulator leaves out, in one order for reading and writing.
template <typename Port>
void rest(Port &port, ale::ALEInterface &emulator) {
  auto &environment = *emulator.environment;
  auto &tia = dynamic_cast<TIA &>(emulator.theOSystem->console().mediaSource());
  number(port, environment.*revealed(m_player_a_action_tag{}));
  number(port, environment.*revealed(m_player_b_action_tag{}));
  number(port, environment.*revealed(m_paddle_a_strength_tag{}));
  number(port, environment.*revealed(m_paddle_b_strength_tag{}));
  number(port, tia.*revealed(myPartialFrameFlag_tag{}));
  number(port, tia.*revealed(myFrameCounter_tag{}));
  number(port, tia.*revealed(myFrameGreyed_tag{}));
  uint8_t *current = tia.*revealed(myCurrentFrameBuffer_tag{});
  place(port, tia.*revealed(myFramePointer_tag{}), {{current, picture_bytes}});
  const auto &balls = *revealed(ourBallMaskTable_tag{});
  const auto &missiles = *revealed(ourMissleMaskTable_tag{});
  const auto &players = *revealed(ourPlayerMaskTable_tag{});
  const auto &disabled = *revealed(ourDisabledMaskTable_tag{});
  const auto &field = *revealed(ourPlayfieldTable_tag{});
  place(port, tia.*revealed(myCurrentBLMask_tag{}), {{balls, sizeof balls}, {disabled, sizeof disabled}});
  place(port, tia.*revealed(myCurrentM0Mask_tag{}), {{missiles, sizeof missiles}, {disabled, sizeof disabled}});
  place(port, tia.*revealed(myCurrentM1Mask_tag{}), {{missiles, sizeof missiles}, {disabled, sizeof disabled}});
  place(port, tia.*revealed(myCurrentP0Mask_tag{}), {{players, sizeof players}, {disabled, sizeof disabled}});
  place(port, tia.*revealed(myCurrentP1Mask_tag{}), {{players, sizeof players}, {disabled, sizeof disabled}});
  place(port, tia.*revealed(myCurrentPFMask_tag{}), {{field, sizeof field}});
  // This game's own serialization writes truth values where it reads numbers.
  if (auto *golf = dynamic_cast<MiniatureGolfSettings *>(emulator.romSettings.get())) {
    number(port, golf->*revealed(m_levelNumber_tag{}));
    number(port, golf->*revealed(m_levelPar_tag{}));
    number(port, golf->*revealed(m_hits_tag{}));
    number(port, golf->*revealed(m_leftStatus_tag{}));
    number(port, golf->*revealed(m_hitsAtStartOfLevel_tag{}));
  }
  port.raw(current, picture_bytes);
  port.raw(tia.*revealed(myPreviousFrameBuffer_tag{}), picture_bytes);
  port.raw(emulator.getScreen().getArray(), emulator.getScreen().arraySize());
}
}  // namespace

namespace nap {
std::vector<uint8_t> saved_state(ale::ALEInterface &emulator) {
  Writer writer;
  char head[8];
  std::memcpy(head, magic, sizeof head);
  writer.raw(head, sizeof head);
  std::string own = emulator.cloneSystemState().serialize();
  uint64_t length = own.size();
  number(writer, length);
  writer.raw(own.data(), own.size());
  rest(writer, emulator);
  return std::move(writer.bytes);
}

void restore_state(ale::ALEInterface &emulator, const uint8_t *bytes, size_t count) {
  Reader reader{bytes, count};
  char head[8];
  reader.raw(head, sizeof head);
  if (std::memcmp(head, magic, sizeof head) != 0) throw std::runtime_error("this is no saved state of the emulator");
  uint64_t length = 0;
  number(reader, length);
  if (length > reader.left) throw std::runtime_error("the emulator's saved state is cut short");
  std::string own(length, '\0');
  reader.raw(own.data(), own.size());
  emulator.restoreSystemState(ale::ALEState(own));
  rest(reader, emulator);
  if (reader.left != 0) throw std::runtime_error("the emulator's saved state is too long");
}
}  // namespace nap
#endif
