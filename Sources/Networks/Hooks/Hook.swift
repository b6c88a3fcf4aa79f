public import Torch

/// A method that acts beside the optimizer: a regularizer, a reset, a rewriting of the network.
///
/// Declared here so that modules above need not know one another. A method takes part in six places,
/// each of which does nothing unless a hook says otherwise:
///
/// 1. ``rewritten(_:at:source:)``, while the network is built;
/// 2. ``begin(_:)``, once, before the first update;
/// 3. ``atBoundary(_:)``, before the first batch of a later task, if the run tells its methods;
/// 4. ``learningRateFactor(at:)``, which multiplies the scheduled rate of the update that follows, and
///    ``rateFactors(of:)``, which multiplies that of single parameters;
/// 5. ``afterGradients(_:)``, before the optimizer;
/// 6. ``afterUpdate(_:)``, after the optimizer and before the projection, which comes last and
///    restores the initial norms.
///
/// A ``HookChain`` runs several in a fixed order. A hook is a value that owns its tensors: everything
/// it needs to continue bit for bit is its ``memory`` and its ``savedTensors``. A hook that draws random
/// numbers splits its site's generator by the update or by a counter of its memory, so that there is
/// no generator state to save.
public protocol Hook {
  /// Counters, sums and switches to save.
  associatedtype Memory: Codable, Sendable = NoMemory

  /// A short name for state, logs and errors, such as `shrink-perturb`.
  var name: String { get }

  /// Whether ``afterUpdate(_:)`` may change parameters; the projection then cannot be part of the
  /// optimizer's pass.
  var changesParameters: Bool { get }

  /// The network with layers exchanged, wrapped or added.
  ///
  /// - Parameters:
  ///   - stage: called once a stage; a hook acts in one of them.
  ///   - source: how the network's parameters were drawn. A layer that is drawn again under its own
  ///     name from `source.generator` gets the very values that building it so would have given.
  /// - Throws: when the network lacks what the method needs, with a sentence that says so.
  func rewritten(
    _ network: Sequential, at stage: BuildStage, source: ParameterSource
  ) throws -> Sequential

  /// Prepares for training: finds layers, keeps initial values.
  ///
  /// - Throws: when the network lacks what the method needs, with a sentence that says so.
  mutating func begin(_ site: HookSite) throws

  /// Acts when the task has changed; there is no batch and there are no gradients.
  mutating func atBoundary(_ moment: inout TrainingMoment) throws

  /// Multiplies the scheduled learning rate of the update after `update` completed ones.
  func learningRateFactor(at update: Int) -> Double

  /// Multiplies the learning rate of single parameters, beside ``learningRateFactor(at:)``; the same for a whole run.
  ///
  /// - Returns: one factor a parameter, finite and at least 0, or nothing when every parameter takes the rate itself.
  func rateFactors(of parameters: [NamedParameter]) -> [Double]

  /// May change gradients, and parameters before the optimizer sees them.
  mutating func afterGradients(_ moment: inout TrainingMoment) throws

  /// May change parameters and the optimizer's state after the update.
  mutating func afterUpdate(_ moment: inout TrainingMoment) throws

  /// Small values to save.
  var memory: Memory { get set }

  /// Tensors to save, by name, in order; a restored hook of the same configuration has the same ones.
  var savedTensors: [(name: String, tensor: Tensor)] { get }

  /// Continues from saved tensors; ``memory`` is set already.
  ///
  /// - Throws: ``LoadingError`` when they do not fit.
  mutating func restore(_ tensors: [String: Tensor]) throws
}

/// When a network is rewritten.
public enum BuildStage: Sendable, Hashable, CaseIterable {
  /// As written, before any normalization is inserted.
  case plain
  /// With the normalizations inserted.
  case normalized
}

/// The memory of a hook that has nothing to remember.
public struct NoMemory: Codable, Sendable, Equatable {
  /// Nothing.
  public init() {}
}

extension Hook {
  /// False.
  public var changesParameters: Bool { false }
  /// The network as it is.
  public func rewritten(
    _ network: Sequential, at stage: BuildStage, source: ParameterSource
  ) throws -> Sequential { network }
  /// Does nothing.
  public mutating func begin(_ site: HookSite) throws {}
  /// Does nothing.
  public mutating func atBoundary(_ moment: inout TrainingMoment) throws {}
  /// One.
  public func learningRateFactor(at update: Int) -> Double { 1 }
  /// None.
  public func rateFactors(of parameters: [NamedParameter]) -> [Double] { [] }
  /// Does nothing.
  public mutating func afterGradients(_ moment: inout TrainingMoment) throws {}
  /// Does nothing.
  public mutating func afterUpdate(_ moment: inout TrainingMoment) throws {}
  /// None.
  public var savedTensors: [(name: String, tensor: Tensor)] { [] }

  /// Copies into the tensors of ``savedTensors``, once all of them fit.
  public mutating func restore(_ tensors: [String: Tensor]) throws {
    try LoadingError.load(tensors, into: savedTensors, owner: "this method")
  }
}

extension Hook where Memory == NoMemory {
  /// Nothing.
  public var memory: NoMemory {
    get { NoMemory() }
    set {}
  }
}
