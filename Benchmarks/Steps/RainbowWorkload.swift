import Environments
import Networks
import NormalizeAndProject
import Reinforcement
import Torch

/// Rainbow's learner update as `peer_steps.py` has it: 32 transitions of 4x84x84 bytes, 18 actions, 51 atoms, two
/// passes without gradients and one with, double learning, weights, gradients clipped at 10, Adam 6.25e-5, NaP.
///
/// The very update of the agent, but for the replay, which gives the same batch each time. The peer projects mean
/// and deviation each alone, here they are projected jointly; the peer's output layers have no bias at all.
struct RainbowWorkload {
  private var agent: ValueAgent<ProjectingTrainer>
  private let batch: ReplayBatch

  /// Multiplications and additions of the matrix products of one step: three forward passes, the gradients of weights,
  /// and those of inputs but the first layer's.
  static let operationsPerStep: Double = {
    let first = 400.0 * 32 * 4 * 64
    let rest = 81.0 * 64 * 32 * 16 + 49 * 64 * 64 * 9
    // Each noisy layer multiplies by its mean and by its deviation.
    let noisy = 2 * (2 * 3_136.0 * 512 + 512 * (18 * 51 + 51))
    return 2 * 32 * (4 * first + 5 * (rest + noisy))
  }()

  init(projects: Bool, device: Device) throws {
    var configuration = ValueAgentConfiguration.rainbow
    configuration.replay.capacity = 20_000
    // The batch is given, so the replay has no priorities to change.
    configuration.replay.sampling = .uniform
    let specification = EnvironmentSpecification(
      name: "frames",
      observations: ObservationSpace(shape: [1, 84, 84], element: .uint8, stack: 4),
      actionCount: 18, actionRepeat: 4)
    let nap = NaP(projection: projects ? Projection(noisyWeights: .joint) : .none)
    func network(_ seed: UInt64) throws -> Sequential {
      try nap.normalized(
        configuration.network.build(
          observations: specification.observations, actions: 18, generator: Generator(seed: seed),
          device: device), inputShape: specification.observations.stackedShape)
    }
    agent = try ValueAgent(
      configuration,
      trainer: try ProjectingTrainer(try network(0), nap: nap, optimizer: configuration.optimizer),
      target: try network(1), specification: specification, seed: 0, device: device)
    let generator = Generator(seed: 2)
    func pixels(_ name: String) -> Tensor {
      Tensor.integers(
        from: 0, to: 256, [32, 4, 84, 84], generator: generator.split(name), dtype: .uint8
      ).moved(to: device)
    }
    batch = ReplayBatch(
      states: pixels("states"),
      actions: Tensor.integers(from: 0, to: 18, [32], generator: generator.split("actions"))
        .moved(to: device),
      returns: Tensor.normal([32], generator: generator.split("returns")).clamped(from: -1, to: 1)
        .moved(to: device),
      discounts: Tensor.full([32], value: .real(0.970_299), device: device),
      nextStates: pixels("next states"),
      weights: Tensor.uniform([32], generator: generator.split("weights")).moved(to: device),
      slots: [])
  }

  /// One update; gives the loss, as the peer reads it.
  mutating func step() throws -> Double { try agent.learn(from: batch).loss }
}

/// An optimizer whose pass restores norms, with what is left to the projection after it.
struct ProjectingTrainer: NetworkTrainer {
  let network: Sequential
  private let parameters: [NamedParameter]
  private let configuration: OptimizerConfiguration
  private var optimizer: any Optimizer
  private let projection: ProjectionState

  init(_ network: Sequential, nap: NaP, optimizer: OptimizerConfiguration) throws {
    self.network = network
    configuration = optimizer
    parameters = network.trainableParameters
    self.optimizer = try optimizer.make(for: parameters.map(\.parameter))
    projection = try ProjectionState(nap, network: network)
  }

  mutating func update(
    loss: Tensor, inputs: Tensor, at position: TrainingPosition, isMeasured: Bool
  ) throws -> NetworkUpdate {
    let gradients = gradients(of: loss, withRespectTo: parameters.map(\.parameter.value))
    let rate = configuration.learningRate
    var request = UpdateRequest(
      parameters: parameters.map(\.parameter), gradients: gradients, learningRate: rate,
      gradientClip: configuration.gradientClip)
    projection.join(&request, update: position.update)
    try optimizer.step(request)
    try projection.apply(after: request, update: position.update)
    return NetworkUpdate(learningRate: rate)
  }

  mutating func beginTask(_ position: TrainingPosition) {}
  func save(into state: inout State) { state.add("network", network.namedTensors) }
  mutating func restore(_ state: State) throws {
    try network.load(state.part("network").tensorsByName)
  }
}
