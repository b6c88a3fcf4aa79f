import Foundation
public import Networks
import Torch

/// The steps that an optimizer's saved state makes: Adam's and AdamW's from both moments, gradient descent's from the
/// momentum buffer.
///
///     m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ),  u = η m̂ / (√v̂ + ε)          Adam; u = η b of gradient descent
///
/// The state belongs to parameters by number. Their names come from the optimizer where it knows them, else from the
/// order of the model's tensors of the same shapes, running statistics left out. Where neither fits there are no steps.
/// Source: pytorch/pytorch, `torch/optim/adam.py`, `sgd.py`.
struct SavedUpdates {
  private let file: TensorFile
  private let parameters: [String: SavedOptimizer.Parameter]

  /// What a file holds of an optimizer's state; `nil` without one.
  init?(_ file: TensorFile, _ optimizer: SavedOptimizer?) {
    guard let optimizer else { return nil }
    self.file = file
    parameters = Self.named(optimizer.parameters, in: file)
  }

  /// The names of the parameters.
  private static func named(
    _ parameters: [SavedOptimizer.Parameter], in file: TensorFile
  ) -> [String: SavedOptimizer.Parameter] {
    let candidates = file.modelNames.filter { name in
      !name.hasSuffix("running_mean") && !name.hasSuffix("running_var")
        && file[name]?.dtype?.isFloatingPoint == true
    }
    var found: [String: SavedOptimizer.Parameter] = [:]
    var rest = candidates[...]
    for parameter in parameters {
      guard let shape = shape(parameter, in: file) else { continue }
      func fits(_ name: String) -> Bool { file[name]?.shape == shape }
      if let name = parameter.name {
        // The optimizer knows the model's names, the file may have them in a dictionary.
        if let match = candidates.first(where: {
          ($0 == name || $0.hasSuffix("." + name)) && fits($0)
        }) {
          found[match] = parameter
        }
      } else if let place = rest.firstIndex(where: fits) {
        found[rest[place]] = parameter
        rest = rest[(place + 1)...]
      } else {
        // Another order: nothing says which tensor is meant.
        return [:]
      }
    }
    return found
  }

  private static func shape(
    _ parameter: SavedOptimizer.Parameter, in file: TensorFile
  ) -> [Int]? {
    ["exp_avg", "momentum_buffer", "square_avg"].lazy.compactMap { parameter.tensors[$0] }.first
      .flatMap { file[$0]?.shape }
  }

  private func tensor(_ key: String, of parameter: SavedOptimizer.Parameter) throws -> Tensor? {
    try parameter.tensors[key].map { try file.tensor($0) }
  }

  /// The step of a tensor of norm ‖W‖; `nil` where the state has none.
  func step(of name: String, norm: DiagnosticOutcome) throws -> FileInspection.SavedStep? {
    guard let parameter = parameters[name], let rate = parameter.settings.learningRate else {
      return nil
    }
    let isAdaptive = parameter.tensors["exp_avg_sq"] != nil
    let momentum = parameter.settings.momentum ?? 0
    var step = FileInspection.SavedStep(
      learningRate: rate, realisedRate: .undefined(.notGiven("a state that tells the step was")),
      share: nil, epsilon: nil, gain: isAdaptive || momentum >= 1 ? 1 : 1 / (1 - momentum))
    let update: Tensor
    if isAdaptive, parameter.settings.betas.count == 2,
      let first = try tensor("exp_avg", of: parameter),
      let second = try tensor("max_exp_avg_sq", of: parameter)
        ?? tensor("exp_avg_sq", of: parameter)
    {
      guard let count = try parameter.step ?? tensor("step", of: parameter)?.item, count >= 1 else {
        return step
      }
      let (epsilon, betas) = (parameter.settings.epsilon ?? 0, parameter.settings.betas)
      let scaling = Adam.scaling(second, updates: Int(count), beta2: betas[1], epsilon: epsilon)
      if case .adaptive(let share, _, _) = scaling { (step.share, step.epsilon) = (share, epsilon) }
      let (bias1, bias2) = (1 - pow(betas[0], count), 1 - pow(betas[1], count))
      update = withoutGradients {
        (first.converted(to: .float32) / bias1)
          / ((second.converted(to: .float32) / bias2).squareRoot() + epsilon) * rate
      }
    } else if let buffer = try tensor("momentum_buffer", of: parameter),
      !parameter.settings.isNesterov
    {
      update = withoutGradients { buffer.converted(to: .float32) * rate }
    } else {
      return step
    }
    guard let norm = norm.number else { return step }
    guard norm > 0 else {
      step.realisedRate = .undefined(.zero("the norm is zero"))
      return step
    }
    let length = withoutGradients { update.vectorNorm(dtype: .float64).item }
    step.realisedRate = DiagnosticOutcome(
      finite: StepRecord.Entry.realisedRate(
        step: length, norm: norm, elementCount: update.elementCount), "the realised rate")
    return step
  }
}

extension FileInspection.SavedStep {
  /// How the step's size depends on the gradient.
  public var scaling: UpdateScaling {
    share.map { .adaptive(share: $0, epsilon: epsilon ?? 0, gain: gain) } ?? .gradient(gain: gain)
  }
}
