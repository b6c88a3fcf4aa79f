public import Networks
public import Torch

/// A small training run with hooks: random batches, a task boundary every eight updates, the order of an
/// update as in real runs but for the projection.
public struct HookedRun: Stateful {
  /// The rewritten network.
  public let network: Sequential
  /// The parameters in the optimizer's order.
  public let parameters: [NamedParameter]
  /// The optimizer.
  public var optimizer: any Optimizer
  /// The hooks.
  public var hooks: HookChain
  /// Updates completed.
  public private(set) var updates = 0
  /// The loss of every update.
  public private(set) var losses: [Double] = []
  let inputShape: [Int]
  let dtype: DType
  let learningRate: Double

  /// A run at its first update.
  ///
  /// - Parameters:
  ///   - normalize: what stands between the two stages of rewriting.
  ///   - optimizer: Adam unless given.
  public init(
    _ hooks: HookChain, network configuration: NetworkConfiguration = .mlp([12, 10]),
    inputShape: [Int] = [6], dtype: DType = .float32, learningRate: Double = 1e-2, seed: UInt64 = 3,
    normalize: @escaping (Sequential) throws -> Sequential = { $0 },
    optimizer: ([Parameter]) -> any Optimizer = { Adam(for: $0) }
  ) throws {
    self.inputShape = inputShape
    self.dtype = dtype
    self.learningRate = learningRate
    var configuration = configuration
    configuration.dtype = dtype
    let build = { [configuration] (generator: Generator) throws -> Sequential in
      let source = configuration.parameterSource(generator: generator)
      let plain = try hooks.rewritten(
        configuration.build(inputShape: inputShape, classes: 4, generator: generator),
        at: .plain, source: source)
      return try hooks.rewritten(normalize(plain), at: .normalized, source: source)
    }
    let root = Generator(seed: seed)
    network = try build(root.split("weights"))
    parameters = network.trainableParameters
    self.optimizer = optimizer(parameters.map(\.parameter))
    self.hooks = hooks
    try self.hooks.begin(
      HookSite(
        network: network, parameters: parameters, generator: root.split("methods"),
        updatesPerTask: 8, redrawn: { try build($0) }))
  }

  /// The batch of an update: inputs and labels.
  public func batch(_ update: Int) -> (inputs: Tensor, labels: Tensor) {
    let generator = Generator(seed: 11).split("batch-\(update)")
    return (
      Tensor.normal([8] + inputShape, generator: generator).converted(to: dtype),
      Tensor.integers(from: 0, to: 4, [8], generator: generator)
    )
  }

  /// Trains so many updates.
  public mutating func advance(_ count: Int) throws {
    for _ in 0..<count { try step() }
  }

  private mutating func step() throws {
    var moment = TrainingMoment(
      update: updates, task: updates / 8, updateInTask: updates % 8, parameters: parameters,
      learningRate: learningRate, optimizer: optimizer)
    if updates % 8 == 0, updates > 0 {
      try hooks.atBoundary(&moment)
      optimizer = moment.optimizer
    }
    let (inputs, labels) = batch(updates)
    let loss = NormalizationStatistics.training.during { network(inputs) }.crossEntropy(labels)
    let seed = withoutGradients { Tensor.onesLike(loss.detached()) }
    let values = parameters.map(\.parameter.value)
    let active = parameters.indices.filter { parameters[$0].parameter.isTrainable }
    moment.gradients = values.map { Tensor.zerosLike($0.detached()) }
    let found = gradients(of: [loss], seeds: [seed], withRespectTo: active.map { values[$0] })
    for (index, gradient) in zip(active, found) {
      if let gradient { moment.gradients[index] = gradient }
    }
    moment.loss = loss.item
    losses.append(moment.loss)
    moment.inputs = inputs
    moment.learningRate = learningRate * hooks.learningRateFactor(at: updates)
    try hooks.afterGradients(&moment)
    optimizer = moment.optimizer
    try optimizer.step(
      UpdateRequest(
        parameters: parameters.map(\.parameter), gradients: moment.gradients,
        learningRate: moment.learningRate, rateFactors: hooks.rateFactors(of: parameters)))
    moment.optimizer = optimizer
    try hooks.afterUpdate(&moment)
    optimizer = moment.optimizer
    updates += 1
  }

  /// A copy of everything.
  public func state() throws -> State { try State(of: self).copied() }

  /// Adds network, optimizer, hooks and the number of updates.
  public func save(into state: inout State) throws {
    state.add("network", network.namedTensors)
    state.add("optimizer", optimizer.state.namedTensors(parameters: parameters.map(\.name)))
    try state.add("methods", hooks)
    try state.add("updates", updates)
  }

  /// Continues from a state.
  public mutating func restore(_ state: State) throws {
    try network.load(state.part("network").tensorsByName)
    var own = optimizer.state
    try own.load(state.part("optimizer").tensorsByName, parameters: parameters.map(\.name))
    optimizer.state = own
    try hooks.restore(state.part("methods"))
    updates = try state.value("updates")
  }
}
