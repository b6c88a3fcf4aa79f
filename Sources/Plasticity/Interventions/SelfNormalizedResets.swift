public import Networks
import Torch

/// Self-normalized resets: a unit is given a new start when it has been silent for longer than its own history makes
/// likely.
///
/// A unit fires at an update when its rectifier gives more than zero for any example, at any position. With a the
/// updates since it last fired and A the lengths of its past silences, a unit is reset when
///
///     P(A ≥ a) ≤ η
///
/// which is a test of "it still fires as it did" at level η. In practice each unit has a threshold τ and is reset when
/// a ≥ τ. Every so many updates τ becomes the smallest length that 1 − η of its silences stayed within, where that is
/// below τ, and else τ times an expansion, since resets cut long silences off; it stays within 1 and a largest one. A
/// unit that was never silent gets τ = 1. The silences are then forgotten. A reset counts as the end of a silence. A
/// new start is incoming weights as at initialization, no bias, outgoing weights zero, zero moments.
///
/// Source: Farias & Jozefiak 2025 (arXiv 2410.20098, ICLR 2025), algorithm 1; thresholds, expansion and order as in the
/// authors' code (`ajozefiak/SelfNormalizedResets`, `src/algorithms`, commit bacda52), whose η is 0.01 and whose
/// expansion is 2. Deviations: silences are counted in updates, not examples, which is the same for batches of one
/// size; thresholds are renewed every so many updates, not tasks, so that no boundary is known; learned gains and
/// shifts of a unit return to 1 and 0. The period, the first and the largest threshold are our choice.
public struct SelfNormalizedResets: Intervention {
  public static let name = "self-normalized-resets"
  public static let summary =
    "gives units a new start that are silent for longer than their own history makes likely"
  public static let source = "Farias & Jozefiak 2025, algorithm 1"

  /// η, the share of a unit's silences that may be longer than its threshold.
  public var rejection = 0.01
  /// Updates between two renewals of the thresholds.
  public var everyUpdates = 500
  /// τ of every unit at the start, in updates.
  public var firstThreshold = 100
  /// The largest τ, in updates.
  public var largestThreshold = 1_000
  /// What τ is multiplied by where too few silences ended before it.
  public var expansion = 2.0

  public init() {}

  /// η lies between 0 and 1, thresholds are at least 1 and in order, the expansion is at least 1.
  public func validate() throws(ConfigurationError) {
    try require(rejection > 0 && rejection < 1, "rejection", "above 0 and below 1", rejection)
    try requireCount(everyUpdates, "everyUpdates", from: 1)
    try require(
      (1...1_000_000_000).contains(largestThreshold), "largestThreshold", "1 to 1,000,000,000",
      largestThreshold)
    try require(
      firstThreshold >= 1 && firstThreshold <= largestThreshold, "firstThreshold",
      "from 1 to largestThreshold, \(largestThreshold)", firstThreshold)
    try require(
      expansion >= 1 && expansion <= 1_000, "expansion", "a number from 1 to 1,000", expansion)
  }

  public func idleReason(on subject: InterventionSubject) -> String? {
    let first = min(firstThreshold, everyUpdates + 1)
    return subject.reasonTooShort(for: Self.name, first: first, key: "firstThreshold")
  }

  public func hook() -> any Hook { SilentUnitReset(configuration: self) }
}

/// ``SelfNormalizedResets`` at work.
struct SilentUnitReset: Hook {
  let configuration: SelfNormalizedResets
  var memory = Memory()
  private(set) var site: HookSite?
  private(set) var units: UnitLayers?
  /// Places in `units.layers` of the layers behind rectifiers.
  private(set) var watched: [Int] = []
  private(set) var activations: [Tensor] = []

  struct Memory: Codable, Sendable, Equatable {
    /// One entry a watched layer.
    var layers: [FiringHistory] = []
    /// Units reset so far.
    var resetCount = 0
  }

  var name: String { SelfNormalizedResets.name }
  var changesParameters: Bool { true }

  mutating func begin(_ site: HookSite) throws {
    self.site = site
    let network = try InterventionError.sequential(site.network, for: name)
    let units = UnitLayers(network)
    let leaves = network.leaves
    watched = units.layers.indices.filter {
      leaves[units.layers[$0].activationIndex].layer is any RectifierLayer
    }
    guard !watched.isEmpty else {
      throw InterventionError(
        "\(name) needs hidden units that can be silent: a weighted layer, a rectifier and a weighted layer "
          + "that reads it, in one sequence; this network has none")
    }
    self.units = units
    memory.layers = watched.map {
      FiringHistory(
        unitCount: units.layers[$0].count, threshold: configuration.firstThreshold)
    }
  }

  /// Keeps the activations of the weights that gave the gradients.
  mutating func afterGradients(_ moment: inout TrainingMoment) throws {
    guard let inputs = moment.inputs, let units else { return }
    activations = units.activations(inputs)
  }

  mutating func afterUpdate(_ moment: inout TrainingMoment) throws {
    guard let units, let site, activations.count == units.layers.count else { return }
    var due: [(layer: Int, marks: [Bool])] = []
    var fired = withoutGradients {
      Tensor.concatenated(watched.map { units.layers[$0].activeCounts(activations[$0]) }).doubles
    }[...]
    for (place, index) in watched.enumerated() {
      let count = units.layers[index].count
      memory.layers[place].observe(fired.prefix(count).map { $0 > 0 })
      fired = fired.dropFirst(count)
      let marks = memory.layers[place].takeSilent()
      if marks.contains(true) { due.append((index, marks)) }
    }
    activations = []
    if !due.isEmpty {
      let fresh = try site.freshWeights("update-\(moment.update)", for: name)
      let reset = UnitReset(moment.parameters)
      for (index, marks) in due {
        let layer = units.layers[index]
        let mask = Tensor(
          marks.map { $0 ? 1.0 : 0 }, shape: [layer.count],
          device: layer.producer.weight.value.device
        ).greater(than: 0.5)
        reset.renew(layer, where: mask, fresh: fresh[index], moment)
        reset.cutOff(layer, where: mask, moment)
        memory.resetCount += marks.count { $0 }
      }
    }
    guard (moment.update + 1) % configuration.everyUpdates == 0 else { return }
    for place in memory.layers.indices {
      memory.layers[place].renewThresholds(
        keeping: 1 - configuration.rejection, expansion: configuration.expansion,
        largest: configuration.largestThreshold)
    }
  }
}

extension UnitLayer {
  /// How often each unit gives more than zero in an output of its nonlinearity, in parts of its features.
  fileprivate func activeCounts(_ output: Tensor) -> Tensor {
    let others = (0..<output.dimensionCount).filter { $0 != axis(of: output) }
    return perUnit(output.greater(than: 0).sum(axes: others, dtype: .float64))
  }
}
