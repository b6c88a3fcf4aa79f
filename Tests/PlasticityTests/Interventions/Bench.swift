import Networks
import Plasticity
import Testing
import Torch

/// One layer's worth of parameters, on which a method's single steps are checked against its equation.
struct Bench {
  static let rate = 0.1
  let parameters: [NamedParameter]
  var optimizer: any Optimizer
  var chain: HookChain
  let network: Sequential

  /// A hidden weight (3, 2), a bias, a scale, an offset and an output weight (2, 3), in float64.
  init(
    _ method: any Intervention, optimizer: ([Parameter]) -> any Optimizer = { SGD(for: $0) }
  ) throws {
    let generator = Generator(seed: 4)
    func draw(_ shape: [Int]) -> Tensor {
      Tensor.normal(shape, generator: generator, dtype: .float64)
    }
    let hidden = Linear(
      weight: Parameter(draw([3, 2]), role: .weight(fanIn: 2)),
      bias: Parameter(draw([3]), role: .bias))
    let norm = LayerNorm(shape: [3], dtype: .float64)
    for parameter in norm.parameters { parameter.assign(draw([3])) }
    let output = Linear(weight: Parameter(draw([2, 3]), role: .output), bias: nil)
    let network = Sequential([hidden, norm, ReLU(), output] as [any Layer])
    self.network = network
    parameters = network.trainableParameters
    self.optimizer = optimizer(parameters.map(\.parameter))
    chain = InterventionSet([method]).hookChain()
    try chain.begin(
      HookSite(
        network: network, parameters: parameters, generator: generator.split("methods"),
        redrawn: { _ in network }))
  }

  /// Copies of the values.
  var values: [Tensor] {
    withoutGradients { parameters.map { $0.parameter.value.detached().cloned() } }
  }

  /// Moves every parameter by fixed amounts, as training would.
  func move() {
    withoutGradients {
      for (index, parameter) in parameters.enumerated() {
        _ = parameter.parameter.value.detached().addInPlace(.real(0.3 * Double(index + 1)))
      }
    }
  }

  /// A moment whose gradients are ones.
  func moment(_ update: Int = 0, loss: Double = 1) -> TrainingMoment {
    TrainingMoment(
      update: update, task: 0, updateInTask: update, parameters: parameters,
      gradients: parameters.map { Tensor.onesLike($0.parameter.value.detached()) }, loss: loss,
      learningRate: Self.rate, optimizer: optimizer)
  }

  /// What a method adds to gradients of one.
  mutating func addedGradients() throws -> [Tensor] {
    var moment = moment()
    try chain.afterGradients(&moment)
    return withoutGradients { moment.gradients.map { $0 - 1.0 } }
  }
}

/// The largest difference of any element.
func difference(_ left: Tensor, _ right: Tensor) -> Double {
  withoutGradients { (left - right).absolute().maximum().item }
}
