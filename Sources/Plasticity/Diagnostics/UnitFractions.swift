import Networks
import Torch

/// Counts of units by layer as readings: each layer, then the whole network.
enum UnitReadings {
  /// Shares from (layer, units counted, all units).
  static func shares(
    _ metric: String, _ layers: [(name: String, count: Double, of: Int)]
  ) -> [DiagnosticReading] {
    let all = layers.reduce(0) { $0 + $1.of }
    let counted = layers.reduce(0) { $0 + $1.count }
    return [DiagnosticReading(metric, share(counted, all))]
      + layers.map { DiagnosticReading(metric, scope: $0.name, share($0.count, $0.of)) }
  }

  private static func share(_ count: Double, _ all: Int) -> DiagnosticOutcome {
    all == 0 ? .undefined(.noLayer("unit")) : .value(count / Double(all))
  }

  /// The axis of the units: of (B, F) and (B, C, H, W) the second, of (B, T, F) the last.
  static func axis(of output: Tensor) -> Int { output.dimensionCount == 3 ? 2 : 1 }

  /// Whether a mask holds at every example and position of a unit, (F).
  static func everywhere(_ mask: Tensor) -> Tensor {
    var perUnit = mask
    let units = axis(of: mask)
    for axis in (0..<mask.dimensionCount).reversed() where axis != units {
      perUnit = perUnit.all(axis: axis)
    }
    return perUnit
  }
}

/// The share of units that are zero on every probe input; see ``DeadUnits``.
public struct DeadUnitFraction: Diagnostic {
  public static let name = "dead-units"
  public static let summary = "share of units that are zero on every probe input"
  public static let source = "Lyle et al. 2024, figure 2"
  public static let metrics = ["dead_units"]

  public init() {}

  /// Of each nonlinearity and of the network. Cost: a forward pass over the unit probes.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    let steps = try subject.requireUnits()
    let layers = withoutGradients { steps.map { DeadUnits.layer($0.name, $0.output) } }
    return UnitReadings.shares(
      "dead_units", layers.map { ($0.name, Double($0.dead), $0.count) })
  }
}

/// The share of units whose score is at most τ; see ``DormantUnits``.
public struct DormantUnitFraction: Diagnostic {
  public static let name = "dormant-units"
  public static let summary = "share of units nearly silent beside the others of their layer"
  public static let source = "Sokar et al. 2023, equation 1 and definition 3.1"
  public static let metrics = ["dormant_units"]

  /// τ.
  public var threshold: Double

  /// The measure with τ = 0.025 (our choice).
  public init() { threshold = 0.025 }

  /// Of each nonlinearity and of the network. Cost: a forward pass over the unit probes.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    let steps = try subject.requireUnits()
    let layers = withoutGradients {
      steps.map {
        DormantUnits.Layer(
          name: $0.name,
          scores: DormantUnits.scores(DormantUnits.meanMagnitudes(of: $0.output.detached()))
            .doubles)
      }
    }
    return UnitReadings.shares(
      "dormant_units",
      layers.map {
        ($0.name, Double($0.dormantCount(threshold: threshold)), $0.scores.count)
      })
  }
}

/// The share of rectifier units that are linear on the probes: their pre-activation is above zero on
/// every one. A channel must be so at every position.
///
/// Called zombie or linearized units. Without a tolerance, as METHOD section 4 gives it (Lyle et al.
/// 2024, "Disentangling the causes of plasticity loss").
public struct ZombieUnitFraction: Diagnostic {
  public static let name = "zombie-units"
  public static let summary = "share of rectifier units that are linear on every probe input"
  public static let source = "Lyle et al. 2024 (arXiv 2402.18762)"
  public static let metrics = ["zombie_units"]

  public init() {}

  /// Of each rectifier and of the network. Cost: a forward pass over the unit probes.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    let steps = try subject.requireUnits().filter { $0.layer is any RectifierLayer }
    guard !steps.isEmpty else { throw .noLayer("rectifier") }
    return withoutGradients {
      UnitReadings.shares(
        "zombie_units",
        steps.map { step in
          let linear = UnitReadings.everywhere(step.input.detached().greater(than: 0))
          return (step.name, linear.sum(dtype: .int64).item, linear.elementCount)
        })
    }
  }
}

/// The share of activations that are above zero, over probes, units and positions.
///
///     a = (1 / N H) Σ_n Σ_i [h_i(x_n) > 0]
///
/// Of the network: the layers' counts together. Definition: ours; one minus the sparsity of Glorot et al. 2011.
public struct ActiveFraction: Diagnostic {
  public static let name = "active-fraction"
  public static let summary = "share of activations above zero, over probe inputs and units"
  public static let source = "our definition; one minus the sparsity of Glorot et al. 2011"
  public static let metrics = ["active_fraction"]

  public init() {}

  /// Of each nonlinearity and of the network. Cost: a forward pass over the unit probes.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    let steps = try subject.requireUnits()
    return withoutGradients {
      UnitReadings.shares(
        "active_fraction",
        steps.map { step in
          let active = step.output.detached().greater(than: 0)
          return (step.name, active.sum(dtype: .int64).item, active.elementCount)
        })
    }
  }
}
