import Networks
import NormalizeAndProject
import Plasticity
import Reinforcement
import Torch

/// An arm of an agent: what is done to its network, and the schedule of its learning rate.
///
/// Written `method` or `method+schedule`, with baseline methods after a slash, as ``Arm`` is; `rainbow` is another
/// name of `plain`.
public struct AgentArm: Hashable, Sendable, CustomStringConvertible {
  /// The schedule of the learning rate.
  public enum ScheduleKind: String, Sendable, CaseIterable {
    /// As the configuration says: constant unless set otherwise.
    case configured
    /// Linear to 1e-6 over the whole run: the explicit decay that stands in for growing norms (METHOD 3.3).
    case linear
    /// A warm-up and a cosine that restart with every visit (METHOD 3.6). Knows the boundary.
    case restart
    /// A cosine between the rate and 1e-6 on a cycle that is blind to visits (METHOD 3.7).
    case cyclic
  }

  /// What is done to the network.
  public var method: Arm.Method
  /// The schedule of the learning rate.
  public var schedule: ScheduleKind
  /// Names of baseline methods, in the order in which they act.
  public var methods: [String]

  /// An arm from its parts; the methods' names must be known.
  public init(
    _ method: Arm.Method, _ schedule: ScheduleKind = .configured, methods: [String] = []
  ) {
    self.method = method
    self.schedule = schedule
    self.methods = Arm(method, methods: methods).methods
  }

  /// Every arm without baseline methods.
  public static let all: [AgentArm] = ScheduleKind.allCases.flatMap { schedule in
    Arm.Method.allCases.filter { !$0.startsAnew || schedule == .configured }
      .map { AgentArm($0, schedule) }
  }

  /// An arm from its name.
  ///
  /// - Throws: ``UsageError`` with the nearest names.
  public init(_ name: String) throws(UsageError) {
    let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    var base = String(parts.first ?? "")
    if base.split(separator: "+").first == "rainbow" { base = "plain" + base.dropFirst(7) }
    guard let arm = Self.all.first(where: { $0.description == base }) else {
      throw Nearest.error(
        "there is no arm", base, among: Self.all.map(\.description), "the arms are")
    }
    self = arm
    if parts.count > 1 {
      methods =
        Arm(
          arm.method, methods: try MethodNames.parse(String(parts[1]), separator: "+")
        ).methods
    }
  }

  /// The arm that differs only in the projection; `nil` for arms without projection.
  public var withoutProjection: AgentArm? {
    method.withoutProjection.map { AgentArm($0, schedule, methods: methods) }
  }

  /// The arm's name.
  public var description: String {
    let base =
      schedule == .configured ? method.rawValue : "\(method.rawValue)+\(schedule.rawValue)"
    return methods.isEmpty ? base : "\(base)/\(methods.joined(separator: "+"))"
  }

  /// Whether the arm knows when the environment changes; reports mark it.
  public var knowsBoundaries: Bool {
    schedule == .restart || Arm(method, methods: methods).knowsBoundaries
  }

  /// One line for `nap list`.
  public var summary: String {
    let what =
      switch method {
      case .plain: "the agent as written (also: rainbow)"
      case .fresh:
        "the agent as written, with new network, optimizer and replay at every visit: the reference"
      case .freshNorm: "the norm agent, with new network, optimizer and replay at every visit"
      default: Arm(method).summary
      }
    let baselines = methods.isEmpty ? "" : " with \(methods.joined(separator: " and "))"
    switch schedule {
    case .configured: return what + baselines
    case .linear: return what + baselines + "; linear decay over the whole run"
    case .restart:
      return what + baselines + "; schedule restarts at each visit (knows the boundary)"
    case .cyclic: return what + baselines + "; cyclic schedule (task-blind)"
    }
  }
}

extension AgentRunConfiguration {
  /// The configuration of an arm.
  public func applying(_ arm: AgentArm) -> AgentRunConfiguration {
    var result = self
    result.methods.add(arm.methods)
    result.nap = nap.applying(arm.method)
    if arm.method.startsAnew { result.boundary.isFresh = true }
    let visit = updatesPerVisit
    switch arm.schedule {
    case .configured: break
    case .linear:
      result.schedule = .rainbowLinear(updates: visit.saturatingProduct(environments.visitCount))
    case .restart:
      result.schedule = .sequentialArcade(updatesPerTask: max(visit, 2))
      result.schedule.warmUpUpdates = min(1_000, visit / 10)
      if let restartPeak { result.optimizer.learningRate = restartPeak }
    case .cyclic:
      // A cycle that the configuration states is kept.
      if schedule.kind != .cyclic {
        result.schedule = Schedule(
          .cyclic(
            .init {
              $0.decayUpdates = max(1, visit.saturatingProduct(7) / 10)
              $0.finalRate = 1e-6
            }))
      }
    }
    return result
  }
}
