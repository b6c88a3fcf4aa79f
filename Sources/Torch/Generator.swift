internal import CTorch

/// A named stream of random numbers with a state that can be saved.
///
/// There is no global seed. A run makes one generator from its seed and splits it by name; a split
/// depends only on the seed and the name, never on what was drawn, so adding a consumer shifts no
/// other:
///
///     let root = Generator(seed: 7)
///     let weights = root.split("weights"), labels = root.split("labels")
///
/// Drawing changes the state of this generator, which every reference to it sees.
public final class Generator {
  /// The number the stream starts from.
  public let seed: UInt64
  /// The names on the way from the root, joined by `/`; empty for a root.
  public let path: String
  /// Where numbers are drawn.
  public let device: Device

  private let handle: OpaquePointer?

  var pointer: OpaquePointer? { handle }

  /// A root generator.
  public convenience init(seed: UInt64, device: Device = .cpu) {
    self.init(seed: seed, path: "", device: device)
  }

  private init(seed: UInt64, path: String, device: Device) {
    self.seed = seed
    self.path = path
    self.device = device
    var handle: OpaquePointer?
    Seam.none("Generator", []) { nap_generator_create(seed, device.c, &handle) }
    self.handle = handle
  }

  deinit { nap_generator_free(handle) }

  /// An independent generator for one purpose.
  ///
  /// The new seed is the FNV-1a hash of the name, mixed with this seed by SplitMix64's finalizer.
  /// - Parameters:
  ///   - name: says what the numbers are for; equal names give equal streams.
  ///   - device: where the new generator draws; this one's when absent.
  public func split(_ name: String, device: Device? = nil) -> Generator {
    Generator(
      seed: Self.mixed(seed, name), path: path.isEmpty ? name : "\(path)/\(name)",
      device: device ?? self.device)
  }

  /// Everything needed to continue drawing where this one stands, a uint8 tensor.
  public var state: Tensor {
    Seam.one("Generator.state", []) { nap_generator_state(handle, $0) }
  }

  /// Continues from a saved ``state``.
  ///
  /// - Throws: ``TorchError`` when the bytes are no state of this kind of generator.
  public func restore(_ state: Tensor) throws {
    try withTorchErrors {
      Seam.none("Generator.restore", [state]) { nap_generator_set_state(handle, state.pointer) }
    }
  }

  /// As ``restore(_:)``; but a state of another kind of device, whose numbers cannot be drawn here, is let go, and this
  /// generator stays where it is.
  package func restoreOfThisDevice(_ state: Tensor) throws {
    // Bytes of libtorch's generators on a CPU and on CUDA.
    if state.shape != self.state.shape, [[5_056], [16]].contains(state.shape) { return }
    try restore(state)
  }

  /// The seed that ``split(_:device:)`` gives a child of `seed` named `name`.
  public static func mixed(_ seed: UInt64, _ name: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    var mixed = seed &+ hash &+ 0x9e37_79b9_7f4a_7c15
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
