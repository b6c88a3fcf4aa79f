/// One way of training in a comparison: a method and how its learning rate moves.
///
/// Written `method` or `method+schedule`: `nap`, `norm+restart`, `plain+cyclic`.
public struct Arm: Hashable, Sendable, Codable, CustomStringConvertible {
  /// What is done to the network.
  public enum Method: String, Sendable, Codable, CaseIterable {
    /// The network as written.
    case plain
    /// A normalization before every nonlinearity.
    case norm
    /// Weights projected to their initial norms, without normalization.
    case project
    /// Normalize-and-Project: both.
    case nap
    /// The `norm` network and its optimizer, initialized anew at every task: the reference.
    case fresh
  }

  /// How the learning rate moves.
  public enum ScheduleKind: String, Sendable, Codable, CaseIterable {
    /// As the configuration says: constant unless set otherwise.
    case configured
    /// A warm-up and cosine that restarts at every task boundary. Knows the boundary.
    case restart
    /// A cosine on a cycle that takes no notice of tasks.
    case cyclic
  }

  /// What is done to the network.
  public var method: Method
  /// How the learning rate moves.
  public var schedule: ScheduleKind

  /// An arm from its parts.
  public init(_ method: Method, _ schedule: ScheduleKind = .configured) {
    self.method = method
    self.schedule = schedule
  }

  /// An arm from its name.
  ///
  /// - Throws: ``UsageError`` with the nearest names.
  public init(_ name: String) throws(UsageError) {
    guard let arm = Self.all.first(where: { $0.description == name }) else {
      let known = Self.all.map(\.description)
      let nearest = Nearest.names(to: name, among: known)
      throw UsageError(
        "there is no arm '\(name)'; "
          + (nearest.isEmpty
            ? "the arms are \(known.joined(separator: ", "))"
            : "did you mean \(nearest.joined(separator: ", "))?"))
    }
    self = arm
  }

  /// Every arm, plain schedules first.
  public static let all: [Arm] = ScheduleKind.allCases.flatMap { schedule in
    Method.allCases.filter { $0 != .fresh || schedule == .configured }.map { Arm($0, schedule) }
  }

  /// Whether the arm uses knowledge of when the task changes; reports label it so.
  public var knowsBoundaries: Bool { method == .fresh || schedule == .restart }

  /// The arm's name.
  public var description: String {
    schedule == .configured ? method.rawValue : "\(method.rawValue)+\(schedule.rawValue)"
  }

  /// One line for `nap list`.
  public var summary: String {
    let what =
      switch method {
      case .plain: "the network as written"
      case .norm: "normalization before every nonlinearity"
      case .project: "weights projected to their initial norms, no normalization"
      case .nap: "Normalize-and-Project"
      case .fresh: "network and optimizer anew at every task: the reference"
      }
    switch schedule {
    case .configured: return what
    case .restart: return what + "; schedule restarts at each task (knows the boundary)"
    case .cyclic: return what + "; cyclic schedule (task-blind)"
    }
  }
}
