/// A group of processes that could not meet, or that lost one of its own. The message names who is missing.
public enum ProcessError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The environment or an option does not describe a group.
  case environment(String)
  /// This build, or this device, has no process groups.
  case unavailable(String)
  /// Ranks that did not come in time.
  case absent(ranks: [Int], size: Int, seconds: Double)
  /// The store in which processes meet cannot be reached, or stopped answering.
  case store(String)
  /// Ranks that gave no sign of life, while others waited for them.
  case lost(ranks: [Int], rank: Int, what: String)
  /// Ranks that live but did not come to an operation in time.
  case behind(ranks: [Int], rank: Int, what: String, seconds: Double)
  /// A rank that stopped and said why.
  case stopped(rank: Int, reason: String)
  /// An operation that failed though every process answers.
  case cut(rank: Int, what: String, reason: String)
  /// Ranks that were started with something else than rank 0.
  case different(rank: Int, what: String, expected: String, found: String)

  /// One sentence.
  public var description: String {
    switch self {
    case .environment(let text), .unavailable(let text), .store(let text): text
    case .absent(let ranks, let size, let seconds):
      "\(Self.words(ranks)) of \(size) processes did not come within \(Self.words(seconds)); start as many processes "
        + "as were announced, with the same address and port, or give them longer with --timeout"
    case .lost(let ranks, let rank, let what):
      "\(Self.words(ranks)) died or was cut off: rank \(rank) got no sign of life from there while it waited "
        + "for \(what)"
    case .behind(let ranks, let rank, let what, let seconds):
      "\(Self.words(ranks)) hangs: rank \(rank) waited \(Self.words(seconds)) for it to come to \(what); give "
        + "it longer "
        + "with --timeout if it was at work"
    case .stopped(let rank, let reason): "rank \(rank) stopped: \(reason)"
    case .cut(let rank, let what, let reason):
      "rank \(rank) lost a connection during \(what), though every process answers (\(reason)); look at the network, "
        + "or give it longer with --timeout"
    case .different(let rank, let what, let expected, let found):
      "rank \(rank) has another \(what) than rank 0: expected \(expected), found \(found); start every process "
        + "with the "
        + "same program, command and data"
    }
  }

  private static func words(_ ranks: [Int]) -> String {
    (ranks.count == 1 ? "rank " : "ranks ") + ranks.map(String.init).joined(separator: ", ")
  }

  static func words(_ seconds: Double) -> String {
    seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\(seconds) s"
  }
}
