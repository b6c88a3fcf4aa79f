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

  /// Refuses a type that the device has no instructions for.
  ///
  /// NVIDIA's GPUs have bfloat16 from compute capability 8.0 on (CUDA C++ Programming Guide, "Compute capabilities");
  /// before, libtorch computes it step by step in float32, slower than float32 itself. Every CPU is taken: libtorch's
  /// kernels read bfloat16 there and compute in float32 where the processor has no instructions for it.
  ///
  /// - Parameter capability: the GPU's; `nil` where there is none or the driver does not say.
  /// - Throws: ``UsageError`` that names the setting.
  func requirePrecision(
    on device: Device, capability: (major: Int, minor: Int)?
  ) throws(UsageError) {
    guard precision == .bfloat16, let capability, capability.major < 8 else { return }
    throw UsageError(
      "computation.precision: expected full on \(device.name ?? device.description), which has no bfloat16 "
        + "(compute capability \(capability.major).\(capability.minor), needed 8.0), found bfloat16; add --set "
        + "computation.precision=full or choose another --device")
  }

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
