import Networks
import Torch

/// Evaluates a network whose parameters are float64 copies, and measures what scaling them does.
struct AuditProbe {
  /// What the network computes at one point, and the gradients of a fixed random projection of it.
  struct Evaluation {
    let output: Tensor
    let gradients: [Tensor]
  }

  /// Relative changes, the largest over the scalings tried.
  struct Change {
    var output = 0.0
    var gradient = 0.0
    func isWithin(_ tolerance: Double) -> Bool { output <= tolerance && gradient <= tolerance }
  }

  let parameters: [Parameter]
  let input: Tensor
  let forward: (Tensor) -> Tensor
  /// Replaces the normalizations' ε; their own when absent.
  let epsilon: Double?
  private var weights: Tensor?
  private(set) var start: Evaluation

  /// Evaluates the network where it stands.
  init(
    parameters: [Parameter], input: Tensor, epsilon: Double?, forward: @escaping (Tensor) -> Tensor
  ) throws(AuditError) {
    self.parameters = parameters
    self.input = input
    self.epsilon = epsilon
    self.forward = forward
    start = Evaluation(output: input, gradients: [])
    start = try evaluate()
    let size = start.output.norm.item
    guard size.isFinite, start.gradients.allSatisfy({ $0.norm.item.isFinite }) else {
      throw .notFinite
    }
    guard size > 0 else { throw .zeroOutput }
    // Without gradients, which would take as much memory again as those of the start.
    let again = try running { withGradients { forward(input).detached() } }
    guard again.isIdentical(to: start.output) else { throw .notDeterministic }
  }

  /// Outputs and gradients at the parameters' present values.
  func evaluate() throws(AuditError) -> Evaluation { try running(evaluateOrStop) }

  private func running<Result>(_ body: () -> Result) throws(AuditError) -> Result {
    do {
      return try withTorchErrors { inScope(body) }
    } catch {
      throw .doesNotRun(reason: "\(error)")
    }
  }

  private func inScope<Result>(_ body: () -> Result) -> Result {
    // Batch normalizations as in training, but without moving their running statistics.
    NormalizationStatistics.batch.during {
      FusedKernels.disabled {
        guard let epsilon else { return body() }
        return NormalizationEpsilon.replaced(by: epsilon, body)
      }
    }
  }

  private func evaluateOrStop() -> Evaluation {
    withGradients {
      let output = forward(input)
      let generator = Generator(seed: 0).split("audit").split("output")
      let seed = Tensor.normal(output.shape, generator: generator, dtype: .float64)
        .moved(to: output.device)
      let found: [Tensor?] =
        output.requiresGradient
        ? gradients(of: [output], seeds: [seed], withRespectTo: parameters.map(\.value))
        : parameters.map { _ in nil }
      return Evaluation(
        output: output.detached(),
        gradients: zip(found, parameters).map { $0 ?? Tensor.zerosLike($1.value.detached()) })
    }
  }

  /// What scaling `group` jointly by 2 and ½ does, from `base` times its present size.
  func change(scaling group: [Parameter], base: Double = 1) throws(AuditError) -> Change {
    multiply(group, by: base)
    defer { multiply(group, by: 1 / base) }
    let from = base == 1 ? start : try evaluate()
    let members = Set(group.map(ObjectIdentifier.init))
    var change = Change()
    for factor in [2, 0.5] {
      multiply(group, by: factor)
      defer { multiply(group, by: 1 / factor) }
      let scaled = try evaluate()
      change.output = max(change.output, Self.gap(scaled.output, from.output, floor: 0))
      let total = Self.norm(of: from.gradients)
      for (index, parameter) in parameters.enumerated() {
        let isMember = members.contains(ObjectIdentifier(parameter))
        let expected = from.gradients[index]
        let found = isMember ? scaled.gradients[index] * factor : scaled.gradients[index]
        change.gradient = max(
          change.gradient, Self.gap(found, expected, floor: 1e-3 * total))
      }
    }
    return change
  }

  /// Whether the outputs are affine in `parameter`, as they are in an output layer's weight.
  func isAffine(in parameter: Parameter, tolerance: Double) throws(AuditError) -> Bool {
    let own = parameter.value.detached().cloned()
    defer { parameter.assign(own) }
    let generator = Generator(seed: 0).split("audit").split("direction")
    let size = own.norm.item / Double(own.elementCount).squareRoot()
    let step =
      Tensor.normal(own.shape, generator: generator, dtype: .float64)
      .moved(to: own.device) * (size > 0 ? size : 1)
    parameter.assign(own + step)
    let above = try evaluate().output
    parameter.assign(own - step)
    let below = try evaluate().output
    let bend = (above + below - start.output * 2).norm.item
    return bend <= tolerance * max((above - below).norm.item, start.output.norm.item)
  }

  /// Whether the outputs depend on any of `group`, judged by the gradient at the start.
  func depends(on group: [Parameter]) -> Bool {
    let members = Set(group.map(ObjectIdentifier.init))
    return zip(parameters, start.gradients).contains { parameter, gradient in
      members.contains(ObjectIdentifier(parameter)) && gradient.norm.item > 0
    }
  }

  private func multiply(_ group: [Parameter], by factor: Double) {
    for parameter in group where factor != 1 {
      parameter.assign(parameter.value.detached() * factor)
    }
  }

  private static func gap(_ found: Tensor, _ expected: Tensor, floor: Double) -> Double {
    (found - expected).norm.item / max(expected.norm.item, floor)
  }

  private static func norm(of tensors: [Tensor]) -> Double {
    tensors.map { $0.norm.item }.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}
