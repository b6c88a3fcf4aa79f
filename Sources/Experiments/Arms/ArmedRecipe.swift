public import NormalizeAndProject
public import Networks
public import Plasticity
import Torch

/// A configuration of which an ``Arm`` switches parts on and off.
public protocol ArmedConfiguration: Codable, Equatable, Sendable {
  /// The method's three parts; an arm switches parts off.
  var nap: NaP { get set }
  /// The baseline methods that act beside it; an arm adds some.
  var methods: InterventionSet { get set }
  /// How weights are updated.
  var optimizer: OptimizerConfiguration { get }
  /// How the learning rate moves.
  var schedule: Schedule { get set }
  /// Whether network and optimizer are initialized anew at every task.
  var isFresh: Bool { get set }
  /// Updates of one task.
  var updatesPerTask: Int { get }
}

extension ArmedConfiguration {
  /// Checks what every such configuration has.
  ///
  /// - Returns: warnings of redundant combinations.
  func validatedParts() throws -> [String] {
    try nap.validate()
    try optimizer.validate()
    try schedule.validate()
    try methods.validate()
    _ = try methods.optimizer(optimizer)
    return RedundantCombinations.warnings(nap: nap, methods: methods, optimizer: optimizer)
  }

  /// This with what an arm switches on and off.
  public func applying(_ arm: Arm) -> Self {
    var result = self
    result.methods.add(arm.methods)
    result.nap = nap.applying(arm.method)
    if arm.method.startsAnew { result.isFresh = true }
    switch arm.schedule {
    case .configured: break
    case .restart:
      result.schedule = cosine(.cosine, over: updatesPerTask)
      result.schedule.restartsAtTask = true
    case .cyclic:
      result.schedule = cosine(.cyclic, over: Schedule.taskBlindPeriod(ofTask: updatesPerTask))
    }
    return result
  }

  /// A warm-up over a twentieth from a hundredth of the rate, then a cosine to a hundredth.
  private func cosine(_ kind: Schedule.Kind, over updates: Int) -> Schedule {
    let least = optimizer.learningRate / 100
    var curve = Schedule.Curve.cosine(
      .init { ($0.decayUpdates, $0.finalRate) = (max(updates, 3), least) })
    curve.kind = kind
    return Schedule(curve, warmUpUpdates: max(1, updates / 20), warmUpRate: least)
  }
}

/// A recipe in the arms of ``Arm``, each with any baseline methods.
public protocol ArmedRecipe: Recipe where Configuration: ArmedConfiguration {}

extension ArmedRecipe {
  /// Every arm with its label.
  public static var arms: [ArmDescription] { Arm.all.map(ArmDescription.init) }

  /// Every baseline method.
  public static var methods: [MethodDescription] { MethodDescription.all }

  /// The arm with the network of `norm` and `nap` that is initialized anew at every task: a difference to it is what
  /// going on costs, and no part of it is what normalization gives (docs/decisions/0010).
  public static var referenceArm: String { Arm(.freshNorm).description }

  /// The arm with the network as written that is initialized anew at every task.
  public static var otherReferenceArms: [String] { [Arm(.fresh).description] }

  /// The arm that differs in the projection alone.
  public static func withoutProjection(_ arm: String) -> String? {
    (try? Arm(arm))?.withoutProjection?.description
  }

  /// The arm's name with its baselines in order.
  public static func arm(_ arm: String, methods: [String]) throws -> String {
    let base = try Arm(arm)
    return Arm(
      base.method, base.schedule, methods: base.methods + (try MethodNames.known(methods))
    ).description
  }

  /// Whether the network, a schedule or a method begins anew with every task.
  public static func knowsBoundaries(_ configuration: Configuration) -> Bool {
    configuration.isFresh || configuration.schedule.restartsAtTask
      || configuration.methods.knowsBoundaries
  }

  /// What an arm does.
  public static func description(ofArm arm: String) throws -> ArmDescription {
    ArmDescription(try Arm(arm))
  }

  /// The base with what the arm switches on and off.
  public static func configuration(
    _ base: Configuration, arm: String
  ) throws -> Configuration {
    base.applying(try Arm(arm))
  }

  /// What the methods' settings make of the network.
  public static func methodRemarks(_ configuration: Configuration) -> [String] {
    configuration.methods.remarks
  }
}

extension ArmDescription {
  /// What an arm's name stands for.
  init(_ arm: Arm) {
    self.init(
      name: arm.description, summary: arm.summary, knowsBoundaries: arm.knowsBoundaries,
      base: Arm(arm.method, arm.schedule).description, methods: arm.methods)
  }
}
