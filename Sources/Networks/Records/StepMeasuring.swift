public import Torch

/// Measures one update: made before it, asked for the record after all of it.
///
///     let measuring = StepMeasuring(parameters)
///     let report = try optimizer.step(UpdateRequest(…, isMeasured: true))
///     …                                       // methods, projection
///     let record = measuring.record(report, gradients: gradients, learningRate: 1e-3, optimizer)
///
/// Cost: a copy of every parameter from the start to the record, and four passes over them.
public struct StepMeasuring {
  private let parameters: [NamedParameter]
  private let before: [Tensor]

  /// Keeps the parameters' values.
  ///
  /// - Parameter parameters: in the optimizer's order.
  public init(_ parameters: [NamedParameter]) {
    self.parameters = parameters
    before = withoutGradients { parameters.map { $0.parameter.value.detached().cloned() } }
  }

  /// What the update did to the parameters that are trainable.
  ///
  /// - Parameters:
  ///   - report: the optimizer's report on the same parameters.
  ///   - gradients: one per parameter, as the optimizer got them.
  ///   - learningRate: the rate of this update.
  ///   - optimizer: the optimizer after the update.
  ///   - rateFactors: of the request: one per parameter, empty where all are 1.
  public func record(
    _ report: UpdateReport, gradients: [Tensor], learningRate: Double, _ optimizer: any Optimizer,
    rateFactors: [Double] = []
  ) -> StepRecord {
    let after = parameters.map { $0.parameter.value.detached() }
    let changes = withoutGradients { zip(after, before).map { $0 - $1 } }
    let gradientNorms = Self.norms(gradients)
    let normsBefore = Self.norms(before)
    let normsAfter = Self.norms(after)
    let changeNorms = Self.norms(changes)
    return StepRecord(
      learningRate: learningRate,
      entries: parameters.indices.filter { parameters[$0].parameter.isTrainable }.map { index in
        let parameter = parameters[index].parameter
        return StepRecord.Entry(
          name: parameters[index].name, role: parameter.role, group: parameter.group,
          elementCount: parameter.value.elementCount, gradientNorm: gradientNorms[index],
          normBefore: normsBefore[index], normAfter: normsAfter[index],
          stepNorm: report.updateNorms[index], changeNorm: changeNorms[index],
          scaling: optimizer.updateScaling(at: index),
          rateFactor: rateFactors.isEmpty ? 1 : rateFactors[index])
      })
  }

  private static func norms(_ tensors: [Tensor]) -> [Double] {
    FusedOperators.squareSums(tensors).map { $0.squareRoot() }
  }
}
