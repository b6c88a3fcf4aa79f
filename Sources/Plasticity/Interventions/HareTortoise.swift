public import Networks
import Torch

/// Hare and tortoise: the network that learns is returned, every so many updates, to a slow average of itself.
///
///     tortoise ← μ tortoise + (1 − μ) hare          after every update
///     hare ← tortoise                               every N updates
///
/// over all parameters and buffers. The hare is the network itself, on which everything is measured; the optimizer's
/// tensors stay. By default N relates to the length of a task without falling in step with it, and μ to N: the average
/// reaches back over half a period, μ = 1 − 2 / N.
///
/// Source: Lee et al. 2024 (arXiv 2406.02596, ICML 2024); as in the authors' code (`dojeon-ai/hare-tortoise`), where μ
/// is 0.999 and N ten epochs: of 50,000 images in batches of 256, say, 1,953 updates, a period of about two reaches of
/// the average. That a period is counted in updates, and the defaults for other lengths of a task, are our choice: an
/// average that reaches back over more than a period would hold the network where it began. Deviation: the authors also
/// judge the tortoise, whose weights are saved with the run's and not measured here.
public struct HareTortoise: Intervention {
  public static let name = "hare-tortoise"
  public static let summary =
    "returns the network to a slow average of itself every so many updates"
  public static let source = "Lee et al. 2024"

  /// μ; `nil` takes 1 − 2 / N.
  public var memory: Double?
  /// N; 0 takes 7/10 of a task, and 1,000 where its length is not known.
  public var everyUpdates = 0

  public init() {}

  public var effects: Set<InterventionEffect> { [.hiddenNorms] }

  /// μ lies within 0 and 1, the period is 0 or more.
  public func validate() throws(ConfigurationError) {
    if let memory {
      try require(memory >= 0 && memory <= 1, "memory", "within 0 and 1, or absent", memory)
    }
    try requireCount(everyUpdates, "everyUpdates", from: 0)
  }

  public func idleReason(on subject: InterventionSubject) -> String? {
    guard everyUpdates > 0 else { return nil }
    return subject.reasonTooShort(for: Self.name, first: everyUpdates, key: "everyUpdates")
  }

  public func hook() -> any Hook { SlowAverage(configuration: self) }
}

/// ``HareTortoise`` at work.
struct SlowAverage: Hook {
  /// One parameter or buffer of the network and its average.
  struct Pair {
    let name: String
    /// `nil` for a buffer.
    let parameter: Parameter?
    let hare: Tensor
    let tortoise: Tensor
  }

  let configuration: HareTortoise
  /// N.
  private(set) var period = 1_000
  /// μ.
  var average: Double { configuration.memory ?? max(0, 1 - 2 / Double(period)) }
  private(set) var pairs: [Pair] = []

  var name: String { HareTortoise.name }
  var changesParameters: Bool { true }

  var savedTensors: [(name: String, tensor: Tensor)] {
    pairs.map { ("tortoise.\($0.name)", $0.tortoise) }
  }

  mutating func begin(_ site: HookSite) {
    if configuration.everyUpdates > 0 {
      period = configuration.everyUpdates
    } else if let updates = site.updatesPerTask {
      period = Schedule.taskBlindPeriod(ofTask: updates)
    }
    let parameters = Dictionary(
      site.network.namedParameters.map { ($0.name, $0.parameter) },
      uniquingKeysWith: { first, _ in first })
    pairs = withoutGradients {
      site.network.namedTensors.map { name, tensor in
        Pair(
          name: name, parameter: parameters[name], hare: tensor.detached(),
          tortoise: tensor.detached().cloned())
      }
    }
  }

  mutating func afterUpdate(_ moment: inout TrainingMoment) {
    let isDue = (moment.update + 1) % period == 0
    withoutGradients {
      for pair in pairs where pair.parameter?.isTrainable != false {
        _ = pair.tortoise.interpolateInPlace(
          towards: pair.hare, by: .real(1 - average))
        if isDue { _ = pair.hare.copyInPlace(from: pair.tortoise) }
      }
    }
  }
}
