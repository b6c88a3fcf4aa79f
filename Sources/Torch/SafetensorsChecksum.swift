/// The 64-bit xxHash of a stream of bytes, seed 0.
///
/// Chosen for speed: several gigabytes a second, so that checking costs less than reading. It finds
/// damage (a chance of 2⁻⁶⁴ to miss it), not forgery. Source: the xxHash specification,
/// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, section "XXH64".
struct SafetensorsChecksum {
  private static let prime1: UInt64 = 0x9e37_79b1_85eb_ca87
  private static let prime2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
  private static let prime3: UInt64 = 0x1656_67b1_9e37_79f9
  private static let prime4: UInt64 = 0x85eb_ca77_c2b2_ae63
  private static let prime5: UInt64 = 0x27d4_eb2f_1656_67c5

  private var lane1 = prime1 &+ prime2
  private var lane2 = prime2
  private var lane3: UInt64 = 0
  private var lane4 = 0 &- prime1
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0

  /// Takes the next bytes; how a stream is cut into calls does not matter.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount &+= UInt64(bytes.count)
    var rest = bytes[...]
    if !pending.isEmpty {
      let missing = rest.prefix(32 - pending.count)
      pending.append(contentsOf: missing)
      rest = rest.dropFirst(missing.count)
      guard pending.count == 32 else { return }
      pending.withUnsafeBytes { stripes($0) }
      pending.removeAll(keepingCapacity: true)
    }
    let whole = rest.count / 32 * 32
    stripes(UnsafeRawBufferPointer(rebasing: rest.prefix(whole)))
    pending.append(contentsOf: rest.dropFirst(whole))
  }

  /// Sixteen hexadecimal digits.
  var hexadecimal: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The hash of everything taken so far.
  var value: UInt64 {
    var hash = Self.prime5
    if byteCount >= 32 {
      hash =
        Self.rotated(lane1, 1) &+ Self.rotated(lane2, 7) &+ Self.rotated(lane3, 12)
        &+ Self.rotated(lane4, 18)
      for lane in [lane1, lane2, lane3, lane4] {
        hash = (hash ^ Self.round(0, lane)) &* Self.prime1 &+ Self.prime4
      }
    }
    hash = hash &+ byteCount
    var rest = pending[...]
    while rest.count >= 8 {
      hash ^= Self.round(0, Self.integer(rest.prefix(8)))
      hash = Self.rotated(hash, 27) &* Self.prime1 &+ Self.prime4
      rest = rest.dropFirst(8)
    }
    if rest.count >= 4 {
      hash ^= Self.integer(rest.prefix(4)) &* Self.prime1
      hash = Self.rotated(hash, 23) &* Self.prime2 &+ Self.prime3
      rest = rest.dropFirst(4)
    }
    for byte in rest {
      hash = Self.rotated(hash ^ (UInt64(byte) &* Self.prime5), 11) &* Self.prime1
    }
    hash = (hash ^ (hash >> 33)) &* Self.prime2
    hash = (hash ^ (hash >> 29)) &* Self.prime3
    return hash ^ (hash >> 32)
  }

  /// Mixes in a multiple of 32 bytes.
  private mutating func stripes(_ bytes: UnsafeRawBufferPointer) {
    var (a, b, c, d) = (lane1, lane2, lane3, lane4)
    var offset = 0
    while offset < bytes.count {
      a = Self.round(a, Self.word(bytes, offset))
      b = Self.round(b, Self.word(bytes, offset &+ 8))
      c = Self.round(c, Self.word(bytes, offset &+ 16))
      d = Self.round(d, Self.word(bytes, offset &+ 24))
      offset &+= 32
    }
    (lane1, lane2, lane3, lane4) = (a, b, c, d)
  }

  @inline(__always)
  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  @inline(__always)
  private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotated(lane &+ input &* prime2, 31) &* prime1
  }

  @inline(__always)
  private static func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value &<< count | value &>> (64 &- count)
  }
}
