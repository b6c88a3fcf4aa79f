/// The status of a run.
///
/// Everything but ``failed(message:)`` is a training outcome and is stored, not thrown.
public enum RunStatus: Hashable, Sendable {
  /// In progress, as far as the store knows (see ``Store/markAbandonedRunsInterrupted()``).
  case running
  /// The planned work was done.
  case finished
  /// Stopped by a person, a signal or a crash; it may be resumed.
  case interrupted
  /// The loss or a norm passed its bound, such as a target norm that became zero; the reason says which and when.
  case diverged(reason: String)
  /// A value that has to be finite became NaN or infinite; the reason says which and when.
  case notFinite(reason: String)
  /// A fault from outside: a missing file, a full disk, no memory.
  case failed(message: String)

  /// The name of the case, as stored and shown.
  public var state: String {
    switch self {
    case .running: "running"
    case .finished: "finished"
    case .interrupted: "interrupted"
    case .diverged: "diverged"
    case .notFinite: "not finite"
    case .failed: "failed"
    }
  }

  /// The reason or message, where the case has one.
  public var reason: String? {
    switch self {
    case .running, .finished, .interrupted: nil
    case .diverged(let reason), .notFinite(let reason), .failed(let reason): reason
    }
  }

  /// A status from its stored parts; `nil` if `state` is unknown.
  public init?(state: String, reason: String?) {
    switch state {
    case "running": self = .running
    case "finished": self = .finished
    case "interrupted": self = .interrupted
    case "diverged": self = .diverged(reason: reason ?? "")
    case "not finite": self = .notFinite(reason: reason ?? "")
    case "failed": self = .failed(message: reason ?? "")
    default: return nil
    }
  }
}

extension RunStatus: CustomStringConvertible {
  public var description: String { reason.map { "\(state): \($0)" } ?? state }
}

extension RunStatus: Codable {
  private enum Key: String, CodingKey { case state, reason }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let state = try container.decode(String.self, forKey: .state)
    let reason = try container.decodeIfPresent(String.self, forKey: .reason)
    guard let status = RunStatus(state: state, reason: reason) else {
      throw DecodingError.dataCorruptedError(
        forKey: .state, in: container, debugDescription: "unknown state '\(state)' of a run")
    }
    self = status
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(state, forKey: .state)
    try container.encodeIfPresent(reason, forKey: .reason)
  }
}
