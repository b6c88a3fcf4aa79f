public import Networks
import Torch

/// Larger initial logits: the output layer's weights start multiplied by a factor.
///
///     W(0) ← k W(0)     the weights of output layers; their biases stay
///
/// Networks that are drawn again, by `fresh` or by a reset, start so, too. Task-blind.
///
/// Source: our choice. The scale of the output decides how far the features move while a task is fitted (Chizat et
/// al. 2019, arXiv 1812.07956, section 2).
public struct HeadScale: Intervention, Hook {
  public static let name = "head-scale"
  public static let summary =
    "multiplies the output layer's initial weights: larger logits at the start"
  public static let source = "our choice; Chizat et al. 2019 on the output's scale"

  /// k.
  public var factor = 3.0

  public init() {}

  /// k is above 0.
  public func validate() throws(ConfigurationError) {
    try requirePositive(factor, "factor")
  }

  public func hook() -> any Hook { self }

  /// Scales the weights of a network that has just been drawn.
  ///
  /// - Throws: for a network without an output layer.
  public func rewritten(
    _ network: Sequential, at stage: BuildStage, source: ParameterSource
  ) throws -> Sequential {
    guard stage == .normalized else { return network }
    let weights = network.parameters.filter { $0.role == .output }
    guard !weights.isEmpty else {
      throw InterventionError(
        "\(name) found no output layer: no weight of the network has the role output; train without \(name)"
      )
    }
    withoutGradients {
      for weight in weights { _ = weight.value.detached().multiplyInPlace(by: .real(factor)) }
    }
    return network
  }
}
