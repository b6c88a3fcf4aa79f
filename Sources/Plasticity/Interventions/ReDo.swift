public import Networks
import Torch

/// Recycling dormant units.
///
/// Every so many updates the score of ``DormantUnits`` is taken over the batch, and units with
/// `s ≤ τ` get a new start: incoming weights as at initialization, bias zero, outgoing weights zero,
/// so that the function hardly changes, and zero optimizer moments for all of these. A channel of a
/// convolution is one unit. Output units are never recycled.
///
/// Source: Sokar et al. 2023 (arXiv 2302.12902), equation 1 and algorithm 1; moments as in the
/// authors' code (Dopamine, `labs/redo/weight_recyclers.py`, commit 5873f54), whose threshold is 0.0
/// and whose statistics come from 256 samples. Deviations: the statistics come from the training
/// batch, incoming weights from the network's own initializer, learned gains and shifts of a recycled
/// unit return to 1 and 0, and the moments of its bias are zeroed too.
public struct ReDo: Intervention {
  public static let name = "redo"
  public static let summary = "gives dormant units a new start every so many updates"
  public static let source = "Sokar et al. 2023, equation 1, algorithm 1"

  /// τ; 0.025 as in Plasticine (METHOD 3.4), where Dopamine has 0.
  public var threshold = 0.025
  /// Updates between two looks; our choice.
  public var everyUpdates = 100

  public init() {}

  /// The threshold is at least 0, the period at least 1.
  public func validate() throws(ConfigurationError) {
    try requireNotNegative(threshold, "threshold")
    try requireCount(everyUpdates, "everyUpdates", from: 1)
  }

  public func idleReason(on subject: InterventionSubject) -> String? {
    subject.reasonTooShort(for: Self.name, first: everyUpdates, key: "everyUpdates")
  }

  public func hook() -> any Hook { DormantUnitRecycler(configuration: self) }
}

/// ``ReDo`` at work.
struct DormantUnitRecycler: Hook {
  let configuration: ReDo
  /// Units recycled so far.
  var memory = Memory()
  private(set) var site: HookSite?
  private(set) var units: UnitLayers?

  struct Memory: Codable, Sendable, Equatable { var recycledCount = 0 }

  var name: String { ReDo.name }
  var changesParameters: Bool { true }

  mutating func begin(_ site: HookSite) throws {
    self.site = site
    let units = UnitLayers(try InterventionError.sequential(site.network, for: name))
    guard !units.layers.isEmpty else { throw InterventionError.noUnits(name) }
    self.units = units
  }

  mutating func afterUpdate(_ moment: inout TrainingMoment) throws {
    guard (moment.update + 1) % configuration.everyUpdates == 0, let inputs = moment.inputs,
      let units, let site
    else { return }
    let masks = withoutGradients {
      zip(units.layers, units.activations(inputs)).map { layer, output in
        let magnitudes = DormantUnits.meanMagnitudes(of: output, axis: layer.axis(of: output))
        return DormantUnits.scores(layer.perUnit(magnitudes))
          .lessOrEqual(to: .real(configuration.threshold))
      }
    }
    let counts = masks.map { $0.sum(dtype: .int64).integerItem }
    let count = counts.reduce(0, +)
    guard count > 0 else { return }
    let fresh = try site.freshWeights("update-\(moment.update)", for: name)
    let reset = UnitReset(moment.parameters)
    let due = units.layers.indices.filter { counts[$0] > 0 }
    for index in due {
      reset.renew(units.layers[index], where: masks[index], fresh: fresh[index], moment)
    }
    // After all of them: a weight between two recycled units is zero.
    for index in due { reset.cutOff(units.layers[index], where: masks[index], moment) }
    memory.recycledCount += count
  }
}

extension InterventionError {
  /// A network without hidden units that can be told apart.
  static func noUnits(_ method: String) -> InterventionError {
    InterventionError(
      "\(method) needs hidden units: a weighted layer, a nonlinearity and a weighted layer that reads "
        + "it, in one sequence; this network has none")
  }
}
