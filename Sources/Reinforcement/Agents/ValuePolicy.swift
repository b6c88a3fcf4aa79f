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
    if case .categorical(let atoms) = distribution.form {
      support_N = CategoricalLearning.support(
        from: atoms.minimum, through: atoms.maximum, count: atoms.atomCount, device: device)
    } else {
      support_N = nil
    }
  }

  /// The network's outputs with fresh noise and, for implicit quantiles, fresh fractions.
  ///
  /// - Parameters:
  ///   - isActing: whether as many fractions are drawn as to act by, and not as to learn by.
  ///   - random: where both are drawn.
  func outputs(
    _ network: Sequential, _ states: Tensor, isActing: Bool = false, random: Generator
  ) -> (outputs_BAN: Tensor, fractions: Tensor?) {
    guard let implicit = distribution.implicit else {
      return (Noise(from: random).during { network(states) }, fixedFractions)
    }
    let fractions_BT = Tensor.uniform(
      [states.shape[0], isActing ? implicit.actingSampleCount : implicit.sampleCount],
      generator: random, dtype: .float32, device: random.device
    ).moved(to: device)
    let outputs = QuantileFractions(fractions_BT).during {
      Noise(from: random).during { network(states) }
    }
    return (outputs, fractions_BT)
  }

  private var fixedFractions: Tensor? {
    guard case .quantile(let settings) = distribution.form else { return nil }
    return QuantileFractions.midpoints(settings.atomCount, device: device)
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
        network, stack.states(on: device), isActing: true, random: random)
      return values(outputs)[0].indexOfMaximum().integerItem
    }
  }
}
