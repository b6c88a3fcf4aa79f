/// What an environment shows at one moment: one frame, or one vector of numbers.
///
/// Environments show the newest frame alone. Whoever decides or learns stacks frames
/// (``ObservationSpace/stack``), so that a replay stores each once.
public enum Observation: Sendable, Hashable {
  /// Brightnesses or marks, 0 to 255, as the last axis of the shape runs fastest.
  case bytes([UInt8])
  /// Numbers, as the last axis of the shape runs fastest.
  case floats([Float])

  /// The number of elements.
  public var count: Int {
    switch self {
    case .bytes(let values): values.count
    case .floats(let values): values.count
    }
  }
}

/// The form of an environment's observations.
public struct ObservationSpace: Sendable, Hashable, Codable {
  /// What one element is.
  public enum Element: String, Sendable, Codable {
    /// 0 to 255.
    case uint8
    /// A number.
    case float32
  }

  /// The shape of one observation: (C, H, W) of an image, (F) of a vector. A frame of the Arcade
  /// Learning Environment is (1, 84, 84).
  public var shape: [Int]
  /// What one element is.
  public var element: Element
  /// The number of newest frames that a decision is based on, joined along the first axis of
  /// ``shape``, oldest first; early in an episode zeros follow them. 1 where the newest says all.
  public var stack: Int

  /// A form; see the properties.
  public init(shape: [Int], element: Element, stack: Int = 1) {
    self.shape = shape
    self.element = element
    self.stack = stack
  }

  /// The number of elements of one observation.
  public var count: Int { shape.reduce(1, *) }

  /// The shape of what a network is given, without the batch axis.
  public var stackedShape: [Int] {
    guard let first = shape.first else { return [stack] }
    return [first * stack] + shape.dropFirst()
  }
}
