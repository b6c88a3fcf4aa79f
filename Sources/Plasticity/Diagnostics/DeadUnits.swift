public import Networks
public import Torch

/// Units of a rectifier that are zero on every probe input.
///
/// A unit of a dense layer is one feature; of a convolutional layer one channel, dead when it is
/// zero at every position of every probe. There is no tolerance: dead means exactly zero. Units of
/// activations that never give exact zeros (tanh, GELU) are counted the same way, and are alive.
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
          guard layer is any Activation else { return nil }
          let silent = output.equal(to: 0)
          // Every axis but the units' (axis 1) must be silent.
          let axes = (0..<output.dimensionCount).filter { $0 != 1 }
          var perUnit = silent
          for axis in axes.reversed() { perUnit = perUnit.all(axis: axis) }
          return Layer(
            name: name, dead: perUnit.sum(dtype: .int64).integerItem, count: output.shape[1])
        })
    }
  }
}
