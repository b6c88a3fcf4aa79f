public import Networks
public import Torch

/// Units of a rectifier that are zero on every probe input.
///
/// A unit of a dense layer is one feature; of a convolutional layer one channel. Where there are positions, of an image
/// or of a sequence, a unit is dead when it is zero at every position of every probe. There is no tolerance: dead means
/// exactly zero. Units of activations that never give exact zeros (tanh, GELU) are counted the same way, and are alive.
///
/// Cost: one forward pass over the probes. Source: METHOD section 4 (Lyle et al. 2024, figure 2).
public struct DeadUnits: Sendable, Equatable {
  /// The count of one activation layer.
  public struct Layer: Sendable, Equatable {
    /// The layer's name in the sequence.
    public var name: String
    /// Units that are zero on every probe.
    public var dead: Int
    /// All units.
    public var count: Int

    /// Dead units as a share of all, in [0, 1].
    public var fraction: Double { count == 0 ? 0 : Double(dead) / Double(count) }
  }

  /// One entry an activation layer, in order.
  public var layers: [Layer]

  /// Dead units of the whole network as a share of all its units, in [0, 1].
  public var fraction: Double {
    let count = layers.reduce(0) { $0 + $1.count }
    return count == 0 ? 0 : Double(layers.reduce(0) { $0 + $1.dead }) / Double(count)
  }

  /// Counts over `probes` (N, …), at least one input. The network is not changed.
  public static func measure(_ network: Sequential, probes: Tensor) -> DeadUnits {
    withoutGradients {
      DeadUnits(
        layers: network.outputs(probes).compactMap { name, layer, output in
          layer is any Activation ? self.layer(name, output) : nil
        })
    }
  }

  /// The count of one layer from its output (N, F), (N, T, F) or (N, C, H, W).
  static func layer(_ name: String, _ output: Tensor) -> Layer {
    let silent = UnitReadings.everywhere(output.detached().equal(to: 0))
    return Layer(
      name: name, dead: silent.sum(dtype: .int64).integerItem, count: silent.elementCount)
  }
}
