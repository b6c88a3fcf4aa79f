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
/// Of a model in safetensors, which are sorted by name, the order is known for GPT-2 and Llama; of others, and where an
/// optimizer has several groups, steps are those of tensors that their shape and group tell apart.
/// Source: pytorch/pytorch, `torch/optim/adam.py`, `sgd.py`; huggingface/transformers, `trainer.py` for the two groups.
struct SavedUpdates {
  private let states: TensorFile
  private let parameters: [String: SavedOptimizer.Parameter]

  /// What a file holds of an optimizer's state, or `optimizer.pt` beside it as transformers' trainer writes it; `nil`
  /// without one.
  ///
  /// - Throws: `SafetensorsError` for a damaged file beside it.
  init?(_ file: TensorFile, _ optimizer: SavedOptimizer?) throws {
    if let optimizer {
      states = file
      parameters = Self.named(optimizer.parameters, of: file, in: file)
    } else if let other = try Self.beside(file), let saved = other.optimizer {
      states = other
      parameters = Self.named(saved.parameters, of: file, in: other)
    } else {
      return nil
    }
  }

  /// The optimizer's own file beside a model's.
  private static func beside(_ file: TensorFile) throws -> TensorFile? {
    let isFolder = (try? file.url.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true
    let folder = isFolder ? file.url : file.url.deletingLastPathComponent()
    let url = ["optimizer.pt", "optimizer.bin"].map { folder.appending(path: $0) }.first {
      FileManager.default.fileExists(atPath: $0.path)
    }
    guard let url, url.path != file.url.path,
      modelFiles.contains(file.url.lastPathComponent) || isFolder
    else { return nil }
    return try TensorFile(reading: url)
  }

  /// What transformers calls a model's file: of another name it may be another model's.
  private static let modelFiles: Set = [
    "model.safetensors", SafetensorsShards.indexName, "pytorch_model.bin",
  ]

  /// The names of the parameters.
  private static func named(
    _ parameters: [SavedOptimizer.Parameter], of file: TensorFile, in states: TensorFile
  ) -> [String: SavedOptimizer.Parameter] {
    let shapes = Dictionary(
      file.modelNames.compactMap { name in file[name].map { (name, $0.shape) } },
      uniquingKeysWith: { first, _ in first })
    let order = file.isSorted ? GPT.parameterOrder(shapes) : file.modelNames
    let candidates = (order ?? file.modelNames).filter { name in
      !name.hasSuffix("running_mean") && !name.hasSuffix("running_var")
        && file[name]?.dtype?.isFloatingPoint == true
    }
    guard order != nil, Set(parameters.map(\.group)).count == 1 else {
      return apart(parameters, candidates, shapes, in: states, isOrdered: order != nil)
    }
    var found: [String: SavedOptimizer.Parameter] = [:]
    var rest = candidates[...]
    for parameter in parameters {
      guard let shape = shape(parameter, in: states) else { continue }
      if let name = parameter.name {
        if let match = match(name, shape, candidates, shapes) { found[match] = parameter }
      } else if let place = rest.firstIndex(where: { shapes[$0] == shape }) {
        found[rest[place]] = parameter
        rest = rest[(place + 1)...]
      } else {
        // Another order: nothing says which tensor is meant.
        return [:]
      }
    }
    return found
  }

  /// The optimizer knows the model's names, the file may have them in a dictionary.
  private static func match(
    _ name: String, _ shape: [Int], _ candidates: [String], _ shapes: [String: [Int]]
  ) -> String? {
    candidates.first { ($0 == name || $0.hasSuffix("." + name)) && shapes[$0] == shape }
  }

  /// Parameters by their shapes: those of one shape that lie in one group, in order where the file's order is the
  /// model's, else where there is one of the shape.
  private static func apart(
    _ parameters: [SavedOptimizer.Parameter], _ candidates: [String], _ shapes: [String: [Int]],
    in states: TensorFile, isOrdered: Bool
  ) -> [String: SavedOptimizer.Parameter] {
    var found: [String: SavedOptimizer.Parameter] = [:]
    var byShape: [[Int]: [SavedOptimizer.Parameter]] = [:]
    for parameter in parameters {
      guard let shape = shape(parameter, in: states) else { continue }
      if let name = parameter.name {
        if let match = match(name, shape, candidates, shapes) { found[match] = parameter }
      } else {
        byShape[shape, default: []].append(parameter)
      }
    }
    for (shape, own) in byShape {
      let names = candidates.filter { shapes[$0] == shape }
      guard names.count == own.count,
        own.count == 1 || isOrdered && Set(own.map(\.group)).count == 1
      else { continue }
      for (name, parameter) in zip(names, own) { found[name] = parameter }
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
    try parameter.tensors[key].map { try states.tensor($0) }
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
