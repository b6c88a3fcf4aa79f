public import Networks

/// The measurements of the package.
public enum Diagnostics {
  /// Every measure, in the order of `docs/metrics.md`.
  public static let all: [any Diagnostic.Type] = [
    DeadUnitFraction.self, DormantUnitFraction.self, ZombieUnitFraction.self, ActiveFraction.self,
    FeatureNorm.self, EffectiveRank.self, StableRank.self, SRank.self, NumericalRank.self,
    WeightNorm.self, WeightDrift.self, ScaleAndOffsetNorm.self,
    UpdateToWeightRatio.self, WeightChange.self, RotationPerUpdate.self,
    RealisedEffectiveLearningRate.self,
    GradientNorm.self, GradientCovariance.self, GradientWeightCosine.self,
    ParameterJacobianNorm.self, InputJacobianNorm.self, TangentKernel.self, Sharpness.self,
    ActivationPatternChange.self, FeatureChange.self,
  ]

  /// A measure by name; `nil` for a name that is none.
  public static func named(_ name: String) -> (any Diagnostic.Type)? {
    all.first { $0.name == name }
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
  public var comparesWithInitial: Bool { members.contains { $0 is WeightDrift } }

  /// Whether a measure compares with an earlier moment.
  public var comparesWithEarlier: Bool {
    members.contains { $0 is ActivationPatternChange || $0 is FeatureChange }
  }

  /// The same measures with more patience than suits a recording: the sharpness may take up to 200 products. Where a
  /// recording has a number, this is the same number: what is measured, and when it is near enough, is one definition.
  public var thorough: DiagnosticSuite {
    DiagnosticSuite(
      members: members.map { member in
        member is Sharpness
          ? Sharpness(iterationLimit: 200) : member
      })
  }

  private init(members: [any Diagnostic]) { self.members = members }

  /// Every measure's readings in order.
  public func measure(_ subject: DiagnosticSubject) -> [DiagnosticReading] {
    subject.wantsInputGradients = members.contains { $0 is InputJacobianNorm }
    return members.flatMap { $0.measure(subject) }
  }
}
