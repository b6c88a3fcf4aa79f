public import Networks
public import Torch

/// The measurements: those of the package, and those that a program adds.
public enum Diagnostics {
  private static let registry = Registry<any Diagnostic.Type>("diagnostic", builtIn) { $0.name }

  /// Every measure, in the order of `docs/metrics.md`.
  public static var all: [any Diagnostic.Type] { registry.all }

  private static let builtIn: [any Diagnostic.Type] = [
    DeadUnitFraction.self, DormantUnitFraction.self, ZombieUnitFraction.self, ActiveFraction.self,
    FeatureNorm.self, EffectiveRank.self, StableRank.self, SRank.self, NumericalRank.self,
    WeightNorm.self, WeightDrift.self, ScaleAndOffsetNorm.self,
    UpdateToWeightRatio.self, WeightChange.self, RotationPerUpdate.self,
    RealisedEffectiveLearningRate.self,
    GradientNorm.self, GradientCovariance.self, GradientWeightCosine.self,
    ParameterJacobianNorm.self, InputJacobianNorm.self, TangentKernel.self, Sharpness.self,
    ActivationPatternChange.self, FeatureChange.self, AttentionSpread.self, LogitNorm.self,
  ]

  /// A measure by name; `nil` for a name that is none.
  public static func named(_ name: String) -> (any Diagnostic.Type)? { registry[name] }

  /// Adds a measure, after all that are there. Before anything else asks for measures.
  ///
  /// What its series mean is told apart; `Additions` does both.
  ///
  /// - Throws: `RegistryError` for a name that is taken or cannot be one.
  public static func add(_ diagnostic: any Diagnostic.Type) throws(RegistryError) {
    try registry.add(diagnostic)
  }
}

/// Some measurements, taken together so that they share what they have in common.
public struct DiagnosticSuite: Sendable {
  /// Stands for every measure in a list of names.
  public static let everything = "all"

  /// The measures, in the order of ``Diagnostics/all``.
  public let members: [any Diagnostic]

  /// Measures by name; `all` stands for every one.
  ///
  /// - Throws: `ConfigurationError` for a name that is none.
  public init(_ names: [String]) throws(ConfigurationError) {
    for name in names where name != Self.everything && Diagnostics.named(name) == nil {
      throw ConfigurationError(
        option: "recording.diagnostics",
        expected:
          "names of \(([Self.everything] + Diagnostics.all.map { $0.name }).joined(separator: ", "))",
        found: "'\(name)'")
    }
    let isAll = names.contains(Self.everything)
    members = Diagnostics.all.filter { isAll || names.contains($0.name) }.map { $0.init() }
  }

  /// Whether there is nothing to measure.
  public var isEmpty: Bool { members.isEmpty }

  /// Whether a measure compares with the initial parameters.
  public var comparesWithInitial: Bool { members.contains { type(of: $0).comparesWithInitial } }

  /// Whether a measure compares with an earlier moment.
  public var comparesWithEarlier: Bool {
    members.contains { type(of: $0).comparesWithEarlier }
  }

  /// The same measures with more patience than suits a recording; see ``Diagnostic/thorough``.
  public var thorough: DiagnosticSuite { DiagnosticSuite(members: members.map { $0.thorough }) }

  private init(members: [any Diagnostic]) { self.members = members }

  /// Every measure's readings in order.
  public func measure(_ subject: DiagnosticSubject) -> [DiagnosticReading] {
    subject.wantsInputGradients = members.contains { type(of: $0).readsInputGradients }
    return members.flatMap { $0.readings(of: subject) }
  }
}
