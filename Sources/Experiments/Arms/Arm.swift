import Plasticity
import Torch

/// An arm of a comparison: what is done to the network, the schedule of the learning rate, and the baseline methods.
///
/// Written `method` or `method+schedule`, with the baseline methods after a slash: `nap`, `norm+restart`,
/// `plain+cyclic`, `nap/redo`, `plain+restart/l2+redo`. Baseline methods are in the order in which they act, however
/// they were given, so an arm has one name.
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
    /// The `plain` network and its optimizer, initialized again at every task.
    case fresh
    /// The `norm` network and its optimizer, initialized again at every task.
    case freshNorm = "fresh-norm"

    /// Whether network and optimizer are initialized again at every task.
    public var startsAnew: Bool { self == .fresh || self == .freshNorm }

    /// The same without projection, to measure the effect of the projection alone; `nil` for methods without
    /// projection.
    public var withoutProjection: Method? {
      switch self {
      case .nap: .norm
      case .project: .plain
      case .plain, .norm, .fresh, .freshNorm: nil
      }
    }
  }

  /// The schedule of the learning rate.
  public enum ScheduleKind: String, Sendable, Codable, CaseIterable {
    /// As the configuration says: constant unless set otherwise.
    case configured
    /// A warm-up and cosine that restarts at every task boundary. Knows the boundary.
    case restart
    /// A cosine on a cycle that is blind to tasks.
    case cyclic
  }

  /// What is done to the network.
  public var method: Method
  /// The schedule of the learning rate.
  public var schedule: ScheduleKind

  /// Names of baseline methods, in the order in which they act.
  public var methods: [String]

  /// An arm from its parts; the methods' names must be known.
  public init(
    _ method: Method, _ schedule: ScheduleKind = .configured, methods: [String] = []
  ) {
    self.method = method
    self.schedule = schedule
    self.methods = InterventionSet(methods.compactMap(Interventions.named)).names
  }

  /// An arm from its name.
  ///
  /// - Throws: ``UsageError`` with the nearest names.
  public init(_ name: String) throws(UsageError) {
    let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let base = String(parts.first ?? "")
    guard let arm = Self.all.first(where: { $0.description == base }) else {
      throw Nearest.error(
        "there is no arm", base, among: Self.all.map(\.description), "the arms are")
    }
    self = arm
    if parts.count > 1 { methods = try MethodNames.parse(String(parts[1]), separator: "+") }
  }

  /// Every arm without baseline methods, plain schedules first.
  public static let all: [Arm] = ScheduleKind.allCases.flatMap { schedule in
    Method.allCases.filter { !$0.startsAnew || schedule == .configured }.map { Arm($0, schedule) }
  }

  /// Whether the arm, or one of its methods with default settings, knows task boundaries; reports mark it.
  public var knowsBoundaries: Bool {
    method.startsAnew || schedule == .restart
      || methods.contains { Interventions.named($0)?.knowsBoundaries ?? false }
  }

  /// The arm that differs only in the projection; `nil` for arms without projection.
  public var withoutProjection: Arm? {
    method.withoutProjection.map { Arm($0, schedule, methods: methods) }
  }

  /// The arm's name.
  public var description: String {
    let base =
      schedule == .configured ? method.rawValue : "\(method.rawValue)+\(schedule.rawValue)"
    return methods.isEmpty ? base : "\(base)/\(methods.joined(separator: "+"))"
  }

  /// One line for `nap list`.
  public var summary: String {
    let what =
      switch method {
      case .plain: "the network as written"
      case .norm: "normalization before every nonlinearity"
      case .project: "weights projected to their initial norms, no normalization"
      case .nap: "Normalize-and-Project"
      case .fresh: "the network as written, with new network and optimizer at every task"
      case .freshNorm:
        "the norm network, with new network and optimizer at every task: the reference"
      }
    let baselines = methods.isEmpty ? "" : " with \(methods.joined(separator: " and "))"
    switch schedule {
    case .configured: return what + baselines
    case .restart: return what + baselines + "; schedule restarts at each task (knows the boundary)"
    case .cyclic: return what + baselines + "; cyclic schedule (task-blind)"
    }
  }
}
