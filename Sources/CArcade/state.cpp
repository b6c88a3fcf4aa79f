#ifdef ARCADE
// The emulator's whole state as bytes.
//
// The emulator's own serialization leaves out what it holds to be of no importance to planning: the action that a sticky frame
// repeats, which sprites the picture chip is about to draw, how far it is, and the pictures that it draws over. Without
// them a restored game can differ from the one that was saved, so they are read and written here, out of private members.
// C++ allows that in one place: an explicit instantiation may name a private member.
#include <array>
#include <cstring>
#include <stdexcept>
#include <type_traits>

#include <ale/emucore/Console.hxx>
#include <ale/emucore/TIA.hxx>
#include <ale/environment/stella_environment.hpp>

#include "seam.h"

namespace {
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

// A pointer into a table of the emulator's, as the distance from the table's beginning.
template <typename Port, typename Element>
void place(Port &port, Element *&pointer, const void *table, size_t table_bytes) {
  int64_t distance = pointer ? int64_t(reinterpret_cast<const char *>(pointer) - static_cast<const char *>(table)) : -1;
  number(port, distance);
  if (distance < -1 || distance > int64_t(table_bytes) || (distance > 0 && distance % int64_t(sizeof(Element)) != 0))
    throw std::runtime_error("the emulator's saved state points outside its tables");
  auto *address = const_cast<char *>(static_cast<const char *>(table)) + distance;
  pointer = distance < 0 ? nullptr : reinterpret_cast<Element *>(address);
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
  place(port, tia.*revealed(myFramePointer_tag{}), current, picture_bytes);
  const auto &balls = *revealed(ourBallMaskTable_tag{});
  const auto &missiles = *revealed(ourMissleMaskTable_tag{});
  const auto &players = *revealed(ourPlayerMaskTable_tag{});
  const auto &field = *revealed(ourPlayfieldTable_tag{});
  place(port, tia.*revealed(myCurrentBLMask_tag{}), balls, sizeof balls);
  place(port, tia.*revealed(myCurrentM0Mask_tag{}), missiles, sizeof missiles);
  place(port, tia.*revealed(myCurrentM1Mask_tag{}), missiles, sizeof missiles);
  place(port, tia.*revealed(myCurrentP0Mask_tag{}), players, sizeof players);
  place(port, tia.*revealed(myCurrentP1Mask_tag{}), players, sizeof players);
  place(port, tia.*revealed(myCurrentPFMask_tag{}), field, sizeof field);
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
