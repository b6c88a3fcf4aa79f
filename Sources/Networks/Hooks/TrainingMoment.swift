public import Torch

/// Where a hook works: what stays the same over a network's training.
public struct HookSite {
  /// The network, rewritten and with its normalizations.
  public let network: any Module
  /// The parameters that the optimizer knows, in its order.
  public let parameters: [NamedParameter]
  /// The root of the hook's random numbers, different for every hook and every seed.
  public let generator: Generator
  /// Another network of the same form, its parameters drawn again from a generator.
  public let redrawn: (Generator) throws -> any Module
  /// About how many updates a task has, where the run knows it: a length for periods, not a clock. A method that
  /// is blind to boundaries takes ``Schedule/taskBlindPeriod(ofTask:)`` of it.
  public let updatesPerTask: Int?

  /// A site; see the properties.
  public init(
    network: any Module, parameters: [NamedParameter], generator: Generator,
    updatesPerTask: Int? = nil, redrawn: @escaping (Generator) throws -> any Module
  ) {
    self.network = network
    self.parameters = parameters
    self.generator = generator
    self.updatesPerTask = updatesPerTask
    self.redrawn = redrawn
  }

  /// This site with the generator of one hook.
  func split(_ name: String) -> HookSite {
    HookSite(
      network: network, parameters: parameters, generator: generator.split(name),
      updatesPerTask: updatesPerTask, redrawn: redrawn)
  }
}

/// What hooks see of a training run at one update, and may change.
public struct TrainingMoment {
  /// Updates completed before this one.
  public var update: Int
  /// The task's index.
  public var task: Int
  /// Updates completed in this task.
  public var updateInTask: Int
  /// The parameters, in the optimizer's order. Frozen ones are among them.
  public var parameters: [NamedParameter]
  /// One gradient per parameter, zeros for a frozen one; empty at a boundary. They may share storage
  /// with the recorded graph: replace them, do not write into them.
  public var gradients: [Tensor]
  /// The loss of the batch before the update; NaN at a boundary. Reading it waits for the device.
  public var loss: Double {
    get { losses.isEmpty ? .nan : losses.reduce(0) { $0 + $1.item } }
    set { losses = [Tensor(newValue, dtype: .float64)] }
  }
  /// What adds up to ``loss``, where it was computed.
  package var losses: [Tensor] = []
  /// What the network was given, (B, …); `nil` at a boundary.
  public var inputs: Tensor?
  /// The learning rate of this update, every hook's factor included.
  public var learningRate: Double
  /// The optimizer, whose state a hook may change.
  public var optimizer: any Optimizer
  /// Whether devices may be waited for, as at a measured update.
  public var isMeasured = true

  /// A moment; see the properties.
  public init(
    update: Int, task: Int, updateInTask: Int, parameters: [NamedParameter],
    gradients: [Tensor] = [], loss: Double = .nan, inputs: Tensor? = nil, learningRate: Double,
    optimizer: any Optimizer
  ) {
    self.update = update
    self.task = task
    self.updateInTask = updateInTask
    self.parameters = parameters
    self.gradients = gradients
    losses = loss.isNaN ? [] : [Tensor(loss, dtype: .float64)]
    self.inputs = inputs
    self.learningRate = learningRate
    self.optimizer = optimizer
  }

  /// The optimizer's tensors of one parameter, such as its moments; none for a stateless optimizer.
  ///
  /// - Parameter index: the parameter's place in ``parameters``.
  public func optimizerTensors(at index: Int) -> [Tensor] {
    optimizer.state.slots.compactMap { $0.tensors[index] }
  }
}
