public import Torch

/// A configuration that a network can be built from: a classifier's, an agent's.
public protocol NetworkBlueprint: Sendable {
  /// The network as written, before any normalization is inserted.
  ///
  /// - Parameters:
  ///   - inputShape: of one input, without the batch.
  ///   - outputs: classes of a classifier, actions of an agent.
  ///   - generator: the root of one generator per layer.
  ///   - device: where the parameters live.
  /// - Throws: ``ConfigurationError`` naming the field that cannot be used.
  func build(
    inputShape: [Int], outputs: Int, generator: Generator, device: Device
  ) throws(ConfigurationError) -> Sequential

  /// How ``build(inputShape:outputs:generator:device:)`` draws each layer's parameters.
  func parameterSource(generator: Generator, device: Device) -> ParameterSource
}

extension NetworkConfiguration: NetworkBlueprint {
  /// The network with one output a class.
  public func build(
    inputShape: [Int], outputs: Int, generator: Generator, device: Device
  ) throws(ConfigurationError) -> Sequential {
    try build(inputShape: inputShape, classes: outputs, generator: generator, device: device)
  }
}
