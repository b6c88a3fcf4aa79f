public import Networks
public import Torch

/// Units that are nearly silent beside the other units of their layer.
///
///     s_i = E_x |h_i(x)| / ( (1/H) Σ_k E_x |h_k(x)| ),   dormant when s_i ≤ τ
///
/// A channel of a convolution is one unit: its mean is taken over positions as well. In a layer that
/// is silent altogether every unit is dormant, with a score of 0.
/// Source: Sokar et al. 2023 (arXiv 2302.12902), equation 1 and definition 3.1.
public struct DormantUnits: Sendable, Equatable {
  /// The scores of one activation layer.
  public struct Layer: Sendable, Equatable {
    /// The layer's name in the sequence.
    public var name: String
    /// One score per unit.
    public var scores: [Double]

    /// The number of units whose score is at most `threshold`.
    public func dormantCount(threshold: Double) -> Int { scores.count { $0 <= threshold } }
  }

  /// One entry an activation layer, in order.
  public var layers: [Layer]

  /// Dormant units of the whole network as a share of all its units, in [0, 1].
  public func fraction(threshold: Double) -> Double {
    let count = layers.reduce(0) { $0 + $1.scores.count }
    let dormant = layers.reduce(0) { $0 + $1.dormantCount(threshold: threshold) }
    return count == 0 ? 0 : Double(dormant) / Double(count)
  }

  /// Scores over `probes` (N, …), at least one input. The network is not changed.
  public static func measure(_ network: Sequential, probes: Tensor) -> DormantUnits {
    withoutGradients {
      DormantUnits(
        layers: network.outputs(probes).compactMap { name, layer, output in
          guard layer is any Activation else { return nil }
          return Layer(name: name, scores: scores(meanMagnitudes(of: output)).doubles)
        })
    }
  }

  /// E|h| of each unit: (B, F), (B, T, F) or (B, F, H, W) to (F).
  ///
  /// - Parameter axis: the units' axis, where it is not ``UnitReadings/axis(of:)``.
  static func meanMagnitudes(of output: Tensor, axis: Int? = nil) -> Tensor {
    let units = axis ?? UnitReadings.axis(of: output)
    let others = (0..<output.dimensionCount).filter { $0 != units }
    return output.absolute().mean(axes: others)
  }

  /// Each unit's mean magnitude by the layer's mean; zeros when that is zero.
  static func scores(_ magnitudes: Tensor) -> Tensor {
    let mean = magnitudes.mean()
    let smallest = mean.dtype == .float64 ? Double.leastNormalMagnitude : 1.18e-38
    return magnitudes / mean.clamped(from: .real(smallest))
  }
}
