public import Networks
public import Torch

/// How widely attention spreads: the mean entropy of its distributions, in nats.
///
///     H = −mean_{n,h,t} Σ_s P_nhts ln P_nhts
///
/// over probes n, heads h and positions t, P as in ``/Networks/SelfAttention``. From 0, each position looks at one
/// other, to ln T, each looks at all alike. Low entropy that the network cannot raise is how projected queries and keys
/// failed to generalize in Lyle et al. 2025 (METHOD 1.6). Definition: ours.
///
/// Cost: one forward pass over the probes, and attention's distributions once more.
public struct AttentionEntropy: Sendable, Equatable {
  /// The entropy of one attention layer.
  public struct Layer: Sendable, Equatable {
    /// The layer's name in the network.
    public var name: String
    /// In nats.
    public var entropy: Double
  }

  /// One entry an attention layer, in order.
  public var layers: [Layer]

  /// The mean over the layers; `nil` for a network without attention.
  public var mean: Double? {
    layers.isEmpty ? nil : layers.reduce(0) { $0 + $1.entropy } / Double(layers.count)
  }

  /// Measures over `probes` (N, T), at least one. The network is not changed.
  public static func measure(_ network: Sequential, probes: Tensor) -> AttentionEntropy {
    withoutGradients {
      var layers: [Layer] = []
      guard network.leaves.contains(where: { $0.layer is SelfAttention }) else {
        return AttentionEntropy(layers: [])
      }
      _ = network.traced(probes) { leaf, input, _ in
        guard let attention = leaf.layer as? SelfAttention else { return }
        let weights_NHTT = attention.weights(input).converted(to: .float64)
        // p ln p is 0 at p = 0: the logarithm is taken of something above it.
        let smallest = Double.leastNormalMagnitude
        let terms_NHTT = weights_NHTT * weights_NHTT.clamped(from: .real(smallest)).logarithm()
        layers.append(Layer(name: leaf.name, entropy: -terms_NHTT.sum(axes: [-1]).mean().item))
      }
      return AttentionEntropy(layers: layers)
    }
  }
}
