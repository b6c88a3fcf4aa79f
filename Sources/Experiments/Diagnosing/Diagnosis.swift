import Foundation
package import Networks
import NormalizeAndProject
package import Plasticity
import Torch

/// What happened to the weights and their effective learning rates over a series of checkpoints.
package struct Diagnosis: Sendable {
  /// One weight at one checkpoint.
  package struct Point: Sendable, Hashable {
    /// ‖W‖.
    package var norm: Double
    /// The learning rate η; `nil` where it is not known, and rates are for η = 1.
    package var learningRate: Double?
    /// The effective rate that η declares by the regime: see `EffectiveLearningRateLedger`.
    package var declared: Double?
    /// Why none is declared.
    package var reason: String?
    /// The rate that the optimizer's saved state makes.
    package var realised: Double?
  }

  /// One weight over the checkpoints.
  package struct Weight: Sendable {
    /// Its name in the files.
    package var name: String
    /// The size of each axis.
    package var shape: [Int]
    /// Whether the network depends on its scale.
    package var invariance: WeightInvariance
    /// Whether it counts: all weights but the network's last, of nap's own the hidden ones.
    package var isHidden: Bool
    /// One a checkpoint; `nil` where it is missing or not finite.
    package var points: [Point?]
  }

  /// The files.
  package var files: [String]
  /// The step of each, where it is known.
  package var steps: [Int]?
  /// The weights, in the files' order.
  package var weights: [Weight]
  /// What networks measured, where inputs were given.
  package var measurements: [CheckpointMeasurement]
  /// How an update depends on the gradient, in words, and where it is known from.
  package var optimizer: String
  /// Remarks for the reader.
  package var notes: [String]

  /// What a caller knows of the optimizer, for files that do not hold its state.
  package struct Assumption: Sendable {
    /// η; relative rates alone without it.
    package var learningRate: Double?
    /// How an update depends on the gradient.
    package var scaling: UpdateScaling
    /// In words.
    package var words: String

    /// Adam and its like with an ε that is small, or gradient descent with a momentum.
    package init(learningRate: Double?, momentum: Double?) {
      self.learningRate = learningRate
      scaling =
        momentum.map { .gradient(gain: 1 / (1 - $0)) } ?? .adaptive(share: 1, epsilon: 0, gain: 1)
      words =
        momentum.map { "gradient descent with momentum \($0), as --optimizer sgd says" }
        ?? "Adam or its like, with an epsilon that is small, as is assumed without the optimizer's state"
    }
  }

  /// Joins inspected files with what is known of their network and optimizer.
  ///
  /// - Parameters:
  ///   - inspection: the files, whole.
  ///   - invariance: by the weights' names.
  ///   - isHidden: whether a weight counts, where that is known; else all but the last one do.
  ///   - assumption: for weights without a saved step.
  ///   - rates: η of each file, where a run's configuration says it.
  package init(
    _ inspection: FileInspection, invariance: [String: WeightInvariance],
    isHidden: ((String) -> Bool)? = nil,
    assumption: Assumption, rates: [Double]? = nil, measurements: [CheckpointMeasurement] = []
  ) {
    (files, steps, self.measurements, notes) = (
      inspection.paths, inspection.steps, measurements, []
    )
    let tensors = inspection.tensors.filter { tensor in
      tensor.states.compactMap { $0 }.contains {
        $0.shape.count > 1 && $0.gradientDescentRate != nil
      }
    }
    var hasStates = false
    weights = tensors.enumerated().map { index, tensor in
      let states = tensor.states
      let points = states.enumerated().map { file, state -> Point? in
        guard let state, let norm = state.norm.number else { return nil }
        if state.step != nil { hasStates = true }
        let learningRate = state.step?.learningRate ?? rates?[file] ?? assumption.learningRate
        let declared = DeclaredRate(
          learningRate: learningRate ?? 1, norm: norm,
          scaling: state.step?.scaling ?? assumption.scaling)
        return Point(
          norm: norm, learningRate: learningRate, declared: declared.value, reason: declared.reason,
          realised: state.step?.realisedRate.number)
      }
      return Weight(
        name: tensor.name, shape: states.compactMap { $0?.shape }.first ?? [],
        invariance: invariance[tensor.name] ?? .unknown,
        isHidden: isHidden?(tensor.name) ?? (index < tensors.count - 1 || tensors.count == 1),
        points: points)
    }
    optimizer =
      hasStates
      ? "the regime of each weight is measured on the optimizer's saved state" : assumption.words
  }

  /// The weights that the verdict is about: the hidden ones that are scale-invariant as far as is known, or where none
  /// is, all hidden ones.
  package var counted: [Weight] {
    let hidden = weights.filter(\.isHidden)
    let taken = hidden.filter(\.invariance.isTaken)
    return taken.isEmpty ? hidden : taken
  }

  /// What all counted weights did together.
  package var course: Course? { Course(counted, steps: steps) }
}

extension Diagnosis {
  /// Geometric means over weights at each checkpoint, relative to the one at which the effective rate was highest.
  package struct Course: Sendable {
    /// ‖W‖, by that of the peak.
    package var norms: [Double]
    /// The learning rate, by that of the peak; 1 where it is not known.
    package var learningRates: [Double]
    /// The effective rate, by that of the peak: declared where a formula holds at every checkpoint, else realised.
    package var rates: [Double]
    /// The checkpoint with the highest effective rate.
    package var peak: Int
    /// Its step, where it is known.
    package var peakStep: Int?
    /// Weights that have a rate at every checkpoint.
    package var count: Int
    /// The step of each checkpoint, where it is known.
    package var steps: [Int]?
    /// Which of all checkpoints these are.
    package var places: [Int]

    /// How many times smaller the effective rate is at the end than at its peak.
    package var fall: Double { 1 / (rates.last ?? 1) }
    /// How many times larger the norm is.
    package var growth: Double { norms.last ?? 1 }
    /// How many times smaller the learning rate is.
    package var decay: Double { 1 / (learningRates.last ?? 1) }
    /// The part of the fall that norms made.
    package var fallByNorms: Double { fall / decay }
    /// What the learning rate has to be multiplied by so that the effective rate stays at its peak's.
    package var factors: [Double] { zip(rates, learningRates).map { $1 / $0 } }

    /// Of the checkpoints that have a learning rate above 0: a decay to 0 ends a training, and no rate is relative to
    /// it.
    init?(_ all: [Weight], steps allSteps: [Int]?) {
      let places =
        (all.first?.points.indices).map(Array.init)?.filter { place in
          all.allSatisfy { ($0.points[place]?.learningRate ?? 1) > 0 }
        } ?? []
      guard !places.isEmpty else { return nil }
      let steps = allSteps.map { steps in places.map { steps[$0] } }
      let weights = all.map { weight in
        var kept = weight
        kept.points = places.map { weight.points[$0] }
        return kept
      }
      var rows: [(norm: [Double], rate: [Double], learning: [Double])] = []
      for weight in weights {
        let points = weight.points.compactMap { $0 }
        guard points.count == weight.points.count else { continue }
        let declared = points.compactMap(\.declared)
        let rates = declared.count == points.count ? declared : points.compactMap(\.realised)
        guard rates.count == points.count, rates.allSatisfy({ $0 > 0 }),
          points.allSatisfy({ $0.norm > 0 })
        else {
          continue
        }
        rows.append((points.map(\.norm), rates, points.map { $0.learningRate ?? 1 }))
      }
      guard let length = rows.first?.norm.count,
        rows.allSatisfy({ $0.learning.allSatisfy { $0 > 0 } })
      else { return nil }
      func mean(_ part: ([Double], Int) -> Double, _ values: [[Double]]) -> [Double] {
        (0..<length).map { place in
          exp(values.reduce(0) { $0 + log(part($1, place)) } / Double(values.count))
        }
      }
      let means = mean({ $0[$1] }, rows.map(\.rate))
      let peak = means.indices.max { means[$0] < means[$1] } ?? 0
      func relative(_ values: [[Double]]) -> [Double] {
        let means = mean({ $0[$1] }, values)
        return means.map { $0 / means[peak] }
      }
      (norms, rates) = (relative(rows.map(\.norm)), relative(rows.map(\.rate)))
      learningRates = relative(rows.map(\.learning))
      self.peak = peak
      (count, self.steps, peakStep) = (rows.count, steps, steps?[peak])
      self.places = places
    }
  }
}
