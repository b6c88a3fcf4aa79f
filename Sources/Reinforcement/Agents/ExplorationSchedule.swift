public import Environments

/// The share of random actions: 1, then linear, then constant.
public struct ExplorationSchedule: Codable, Hashable, Sendable {
  /// The share until ``start``.
  public var initial = 1.0
  /// The share from the end of the decay on.
  public var final = 0.1
  /// When it begins to fall.
  public var start: Frames = 200_000
  /// How long it falls.
  public var decay: Frames = 4_000_000
  /// Whether frames are counted from the task's start: a run that uses it knows the boundary.
  public var restartsAtTask = false

  /// DQN's in DQN Zoo: from 1 at 200,000 frames to 0.1 four million later.
  public init() {}

  /// Reads the word `default`, or all of it.
  public init(from decoder: any Decoder) throws {
    if (try? decoder.singleValueContainer().decode(DefaultWord.self)) != nil { return }
    let values = try decoder.container(keyedBy: CodingKeys.self)
    initial = try values.decode(Double.self, forKey: .initial)
    final = try values.decode(Double.self, forKey: .final)
    start = try values.decode(Frames.self, forKey: .start)
    decay = try values.decode(Frames.self, forKey: .decay)
    restartsAtTask = try values.decode(Bool.self, forKey: .restartsAtTask)
  }

  /// A schedule; see the properties.
  public init(initial: Double = 1, final: Double, start: Frames, decay: Frames) {
    self.initial = initial
    self.final = final
    self.start = start
    self.decay = decay
  }

  /// The share at a moment of the run.
  public func value(at frames: Frames, inTask: Frames) -> Double {
    let time = restartsAtTask ? inTask : frames
    guard time > start else { return initial }
    let share = min(1, Double(time.count - start.count) / Double(max(1, decay.count)))
    return initial + share * (final - initial)
  }
}
