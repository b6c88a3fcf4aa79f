package import Foundation
import Networks
import NormalizeAndProject
import Plasticity
import RunStore
import Texts
import Torch

/// Diagnoses a series of checkpoints, a tensor at a time.
package struct Diagnosing {
  private let folder: CheckpointFolder
  private let network: NetworkDescription?
  private let given: GivenInputs?
  private let prefix: String
  private var assumption: Diagnosis.Assumption
  private var inspecting: FileInspecting
  private let rates: [Double]?

  /// Tensors in all.
  package var total: Int { inspecting.total }
  /// Tensors looked at.
  package var done: Int { inspecting.done }

  /// Opens the files.
  ///
  /// - Parameters:
  ///   - folder: the checkpoints.
  ///   - network: what a stranger's network is, if it is known.
  ///   - inputs: a file of inputs for it.
  ///   - prefix: only tensors whose names begin so.
  ///   - assumption: of the optimizer, where the files do not tell.
  /// - Throws: ``UsageError``, and errors of reading.
  package init(
    _ folder: CheckpointFolder, network: NetworkDescription?, inputs: URL?, prefix: String,
    assumption: Diagnosis.Assumption
  ) throws {
    (self.folder, self.network, self.assumption) = (folder, network, assumption)
    self.prefix = folder.isOwn && prefix.isEmpty ? Checkpoint.networkPrefix : prefix
    guard !folder.isOwn || network == nil else {
      throw UsageError(
        "--network is for networks of other programs; these checkpoints of nap say what theirs is")
    }
    given = try network.flatMap { network in
      try inputs.map {
        try GivenInputs(
          reading: $0, for: network,
          model: TensorFile(reading: folder.files[folder.files.count - 1]), prefix: prefix)
      }
    }
    let own = folder.isOwn ? try folder.files.map(OwnOptimizer.init(reading:)) : []
    if let scaling = own.last?.scaling {
      self.assumption.scaling = scaling
      self.assumption.words = "the optimizer is that of the run's configuration"
    }
    rates =
      own.isEmpty || own.contains { $0.learningRate == nil } ? nil : own.compactMap(\.learningRate)
    inspecting = try FileInspecting(
      folder.files, steps: folder.steps, learningRate: assumption.learningRate, prefix: self.prefix,
      optimizers: own.isEmpty ? folder.files.map { _ in nil } : own.map(\.saved))
    guard inspecting.total > 0 else {
      throw UsageError(
        "\(folder.files[0].path): no tensor has a name that begins with '\(Excerpt.of(self.prefix))'"
      )
    }
  }

  /// Looks at the next tensor and gives its name; `nil` when all is done.
  package mutating func next() throws -> String? { try inspecting.next() }

  /// What all of it shows, once ``next()`` gave `nil`.
  package func result() throws -> Diagnosis {
    if folder.isOwn { return try ownResult() }
    let files = try folder.files.map { try TensorFile(reading: $0) }
    let last = files[files.count - 1]
    var invariance = WeightInvariance.following(in: last)
    var measurements: [CheckpointMeasurement] = []
    var hidden: Set<String> = []
    if let network {
      let input =
        try given?.inputs ?? network.drawnInputs(for: last, prefix: prefix)
      let match = try network.match(last, prefix: prefix, shape: Array(input.shape.dropFirst()))
      let found = try ScaleInvariance(
        of: match.network, input: input.narrowed(axis: 0, from: 0, length: min(16, input.shape[0]))
      ) {
        match.network($0)
      }
      let groups = Dictionary(
        found.groups.flatMap { group in group.map { ($0, group) } }, uniquingKeysWith: { $1 })
      for (own, name) in match.weights {
        // A tensor that joins several matrices depends on its scale where one of them does.
        if hidden.contains(name), case .dependent? = invariance[name] { continue }
        hidden.insert(name)
        invariance[name] =
          groups[own].map { $0.count == 1 ? .invariant : .joint(with: $0.filter { $0 != own }) }
          ?? .dependent("no normalization follows")
      }
      if let given {
        var measuring = try NetworkMeasuring(
          network, given, diagnostics: Self.diagnostics, prefix: prefix)
        for (index, file) in files.enumerated() {
          measurements.append(try measuring.measure(file, updates: folder.steps?[index]))
        }
      }
    }
    var diagnosis = Diagnosis(
      inspecting.result, invariance: invariance,
      isHidden: hidden.isEmpty ? nil : { hidden.contains($0) },
      assumption: assumption, measurements: measurements)
    if let course = diagnosis.course, course.places.count < files.count {
      diagnosis.notes.append(
        "Checkpoints whose learning rate is 0, where a schedule ends, are left out of the course.")
    }
    if hidden.isEmpty, diagnosis.weights.count > 1, let output = diagnosis.weights.last {
      diagnosis.notes.append(
        "The last matrix, \(output.name), is taken for the network's output and not counted.")
    }
    return diagnosis
  }

  /// nap's own checkpoints: the last one's network is audited, and all are measured where the recipe's can be.
  private func ownResult() throws -> Diagnosis {
    var notes: [String] = []
    var invariance: [String: WeightInvariance] = [:]
    do {
      invariance = WeightInvariance.audited(
        try Auditing.report(checkpoint: folder.files[folder.files.count - 1]))
    } catch {
      notes.append("Which weights are scale-invariant is not known: \(error)")
    }
    var measurements: [CheckpointMeasurement] = []
    do {
      var measuring = try CheckpointMeasuring(
        folder.files, diagnostics: Self.diagnostics, probe: nil)
      while try measuring.next() != nil {}
      measurements = measuring.results
    } catch let error as CheckpointError {
      notes.append("Units and ranks are not measured: \(error)")
    }
    let known = invariance
    var diagnosis = Diagnosis(
      inspecting.result, invariance: invariance,
      isHidden: known.isEmpty ? nil : { known[$0] != nil },
      assumption: assumption, rates: rates, measurements: measurements)
    diagnosis.notes = notes
    return diagnosis
  }

  private static let diagnostics = [
    "dead-units", "dormant-units", "zombie-units", "effective-rank", "stable-rank",
  ]
}

/// The optimizer of one of nap's own checkpoints, by its configuration.
struct OwnOptimizer {
  /// η of the update after the checkpoint; `nil` where the configuration has no such schedule.
  var learningRate: Double?
  /// The state in the file, where it is Adam's.
  var saved: SavedOptimizer?
  /// Of gradient descent.
  var scaling: UpdateScaling?

  /// Reads a checkpoint's configuration and the names of its tensors.
  init(reading url: URL) throws {
    let file = try TensorFile(reading: url, verifyingChecksum: false)
    guard
      let identity = try? JSONText.decode(
        Checkpoint.Identity.self, from: file.metadata["identity"] ?? ""),
      let configuration = try? JSONText.decode(JSON.self, from: identity.configuration),
      let optimizer = try? (configuration["optimizer"] ?? configuration["agent"]?["optimizer"])?
        .decoded(as: OptimizerConfiguration.self)
    else { return }
    let count = try file["optimizer.step_count"].map { _ in
      try file.tensor("optimizer.step_count").item
    }
    // An agent's schedule counts the updates of its optimizer; a checkpoint's number also counts rounds before
    // learning.
    let isAgent = configuration["agent"] != nil
    let updates = isAgent ? count.map { Int($0) } ?? 0 : identity.updates
    let schedule = (try? configuration["schedule"]?.decoded(as: Schedule.self)) ?? Schedule()
    if !schedule.restartsAtTask {
      learningRate = schedule.rate(
        update: updates, updateInTask: updates, base: optimizer.learningRate)
    }
    let adam: OptimizerConfiguration.AdamSettings
    switch optimizer.rule {
    case .adam(let settings), .adamw(let settings): adam = settings
    case .sgd(let settings):
      scaling = .gradient(gain: 1 / (1 - settings.momentum))
      return
    default: return
    }
    let prefix = Checkpoint.networkPrefix
    let parameters = file.names.filter { $0.hasPrefix(prefix) }.compactMap {
      name -> SavedOptimizer.Parameter? in
      let own = name.dropFirst(prefix.count)
      let slots = [
        "exp_avg": "optimizer.first_moment.\(own)", "exp_avg_sq": "optimizer.second_moment.\(own)",
      ]
      guard slots.values.allSatisfy({ file[$0] != nil }) else { return nil }
      var settings = SavedOptimizer.Settings()
      (settings.learningRate, settings.epsilon) = (
        learningRate ?? optimizer.learningRate, adam.epsilon
      )
      settings.betas = [adam.beta1, adam.beta2]
      var parameter = SavedOptimizer.Parameter(settings: settings)
      (parameter.name, parameter.step) = (name, count)
      parameter.tensors = slots
      return parameter
    }
    saved = parameters.isEmpty ? nil : SavedOptimizer(parameters: parameters, prefix: "optimizer.")
  }
}
