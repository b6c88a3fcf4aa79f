import Plasticity
import Torch

/// One way of training in a comparison: what is done to the network, how its learning rate moves, and
/// the rival methods beside it.
///
/// Written `method` or `method+schedule`, with the rivals after a slash: `nap`, `norm+restart`,
/// `plain+cyclic`, `nap/redo`, `plain+restart/l2+redo`. Rivals stand in the order in which they act,
/// whatever order they were named in, so that one arm has one name.
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
    /// The `plain` network and its optimizer, initialized anew at every task.
    case fresh
    /// The `norm` network and its optimizer, initialized anew at every task.
    case freshNorm = "fresh-norm"

    /// Whether network and optimizer are initialized anew at every task.
    public var startsAnew: Bool { self == .fresh || self == .freshNorm }

    /// The same without the projection, which a difference has to be taken to if it is to be the projection's; `nil` for
    /// methods without it.
    public var withoutProjection: Method? {
      switch self {
      case .nap: .norm
      case .project: .plain
      case .plain, .norm, .fresh, .freshNorm: nil
      }
    }
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

  /// Names of rival methods, in the order in which they act.
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

  /// Every arm without rivals, plain schedules first.
  public static let all: [Arm] = ScheduleKind.allCases.flatMap { schedule in
    Method.allCases.filter { !$0.startsAnew || schedule == .configured }.map { Arm($0, schedule) }
  }

  /// Whether the arm uses knowledge of when the task changes; reports label it so.
  ///
  /// Of rivals, with their default settings.
  public var knowsBoundaries: Bool {
    method.startsAnew || schedule == .restart
      || methods.contains { Interventions.named($0)?.knowsBoundaries ?? false }
  }

  /// The arm that differs in the projection alone; `nil` for arms without one.
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
      case .fresh: "the network as written, it and its optimizer anew at every task"
      case .freshNorm: "the norm network, it and its optimizer anew at every task: the reference"
      }
    let rivals = methods.isEmpty ? "" : " with \(methods.joined(separator: " and "))"
    switch schedule {
    case .configured: return what + rivals
    case .restart: return what + rivals + "; schedule restarts at each task (knows the boundary)"
    case .cyclic: return what + rivals + "; cyclic schedule (task-blind)"
    }
  }
}
