import Networks
import Torch

/// How outputs and losses are computed; what is learned from them is float32 in any case.
public struct Computation: Codable, Hashable, Sendable {
  /// The type of products, convolutions and attention.
  public enum Precision: String, Codable, Sendable, CaseIterable {
    /// The network's own type.
    case full
    /// bfloat16 (``/Torch/withAutocast(_:on:_:)``): weights, gradients, optimizer and projection stay as they are.
    case bfloat16
  }

  /// The type of products, convolutions and attention.
  public var precision = Precision.full
  /// Whether residual blocks are computed once more in the backward pass, for less memory
  /// (``/Networks/ActivationCheckpointing``).
  public var recomputesActivations = false

  /// In the network's own type, with activations kept.
  public init() {}

  /// Runs a forward pass.
  func during<Result>(on device: Device, _ body: () throws -> Result) rethrows -> Result {
    switch (precision, recomputesActivations) {
    case (.full, false): try body()
    case (.full, true): try ActivationCheckpointing.during(body)
    case (.bfloat16, false): try withAutocast(.bfloat16, on: device, body)
    case (.bfloat16, true):
      try withAutocast(.bfloat16, on: device) { try ActivationCheckpointing.during(body) }
    }
  }
}
