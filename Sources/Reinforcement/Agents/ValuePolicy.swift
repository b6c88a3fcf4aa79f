import Environments
import Networks
import Torch

/// How an agent reads and chooses by its network's outputs.
struct ValuePolicy {
  let distribution: ValueDistribution
  let actionCount: Int
  let device: Device
  /// `categorical`: the values of the atoms.
  let support_N: Tensor?

  init(_ distribution: ValueDistribution, actionCount: Int, device: Device) {
    self.distribution = distribution
    self.actionCount = actionCount
    self.device = device
    support_N =
      distribution.kind == .categorical
      ? CategoricalLearning.support(
        from: distribution.minimum, through: distribution.maximum, count: distribution.atomCount,
        device: device) : nil
  }

  /// The network's outputs with fresh noise and, for implicit quantiles, fresh fractions.
  ///
  /// - Parameters:
  ///   - samples: fractions an example; ignored where none are asked for.
  ///   - random: where both are drawn.
  func outputs(
    _ network: Sequential, _ states: Tensor, samples: Int, random: Generator
  ) -> (outputs_BAN: Tensor, fractions: Tensor?) {
    guard distribution.kind == .implicitQuantile else {
      return (Noise(from: random).during { network(states) }, fixedFractions)
    }
    let fractions_BT = Tensor.uniform(
      [states.shape[0], samples], generator: random, dtype: .float32, device: random.device
    ).moved(to: device)
    let outputs = QuantileFractions(fractions_BT).during {
      Noise(from: random).during { network(states) }
    }
    return (outputs, fractions_BT)
  }

  private var fixedFractions: Tensor? {
    distribution.kind == .quantile
      ? QuantileFractions.midpoints(distribution.atomCount, device: device) : nil
  }

  /// Mean returns: (B, A, N) to (B, A).
  func values(_ outputs_BAN: Tensor) -> Tensor {
    if let support_N {
      return CategoricalLearning.means(logits_BAN: outputs_BAN, support_N: support_N)
    }
    return distribution.kind == .scalar
      ? outputs_BAN.squeezed(axis: 2) : outputs_BAN.mean(axes: [2])
  }

  /// An action for a stack of frames: random with probability `exploration`, else the best.
  func action(
    _ network: Sequential, _ stack: FrameStack, exploration: Double,
    choices: inout SeededGenerator, random: Generator
  ) -> Int {
    if exploration > 0, choices.uniform() < exploration {
      return choices.index(below: actionCount)
    }
    return withoutGradients {
      let (outputs, _) = outputs(
        network, stack.states(on: device), samples: distribution.actingSampleCount, random: random)
      return values(outputs)[0].indexOfMaximum().integerItem
    }
  }
}
