public import Plasticity

/// What measuring one checkpoint came to.
public struct CheckpointMeasurement: Sendable, Codable {
  /// The file.
  public var path: String
  /// What the checkpoint belongs to; `nil` of a file that nap did not write.
  public var identity: Checkpoint.Identity?
  /// Updates before it, where they are known.
  public var updates: Int?
  /// Every diagnostic's readings.
  public var readings: [DiagnosticReading]
  /// The checkpoint's network, fitted to each probe task.
  public var fits: [FreshTaskProbe.Fit] = []
  /// Fresh networks of the same design, fitted to the same tasks.
  public var freshFits: [FreshTaskProbe.Fit] = []

  /// One battery's tasks, the checkpoint beside fresh networks.
  public struct Probe: Sendable, Hashable, Encodable {
    /// The kind of task.
    public var battery: FreshTaskProbe.Battery
    /// Tasks that both were fitted to.
    public var pairs: Int
    /// Tasks planned.
    public var draws: Int
    /// Mean plasticity of the checkpoint's network over the pairs.
    public var checkpoint: DiagnosticOutcome
    /// Mean plasticity of fresh networks over the pairs.
    public var fresh: DiagnosticOutcome
    /// Mean difference, checkpoint minus fresh.
    public var difference: DiagnosticOutcome
  }

  /// Each battery's means over the tasks that both the checkpoint's and the fresh network finished.
  public var probes: [Probe] {
    FreshTaskProbe.Battery.allCases.compactMap { battery in
      let own = fits.filter { $0.battery == battery }
      guard !own.isEmpty else { return nil }
      let pairs = own.compactMap { fit -> (Double, Double)? in
        let other = freshFits.first { $0.battery == battery && $0.draw == fit.draw }
        guard let mine = fit.plasticity.number, let theirs = other?.plasticity.number else {
          return nil
        }
        return (mine, theirs)
      }
      func mean(_ value: ((Double, Double)) -> Double) -> DiagnosticOutcome {
        guard !pairs.isEmpty else {
          return .undefined(own.compactMap(\.plasticity.reason).first ?? .notGiven("a pair was"))
        }
        return DiagnosticOutcome(
          finite: pairs.map(value).reduce(0, +) / Double(pairs.count), "the mean")
      }
      return Probe(
        battery: battery, pairs: pairs.count, draws: own.count, checkpoint: mean { $0.0 },
        fresh: mean { $0.1 }, difference: mean { $0.0 - $0.1 })
    }
  }

  /// A reading of the whole network.
  public func outcome(_ metric: String) -> DiagnosticOutcome? {
    readings.first { $0.metric == metric && $0.scope.isEmpty }?.outcome
  }
}
