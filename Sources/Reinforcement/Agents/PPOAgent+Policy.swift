import Environments
import Foundation
import Networks
import Torch

// B batch, A actions or components, P what the network says of the policy: A logits, or A means and A logarithms of
// deviations.

extension PPOAgent {
  /// What the network says of the policy and of the value.
  func split(_ outputs: Tensor) -> (policy_BP: Tensor, values_B: Tensor) {
    let count = outputs.shape[1] - 1
    return (outputs.narrowed(axis: 1, from: 0, length: count), outputs.selected(axis: 1, at: count))
  }

  /// Policy and value of states, without gradients.
  func evaluated(_ states: Tensor) -> (policy_BP: Tensor, values: [Double]) {
    withoutGradients {
      let (policy_BP, values_B) = split(trainer.network(states))
      return (policy_BP, values_B.doubles)
    }
  }

  /// An action for each row, with the logarithm of its probability (density). Vectors are as drawn, also out of bounds.
  func drawn(
    _ policy_BP: Tensor, _ generator: inout SeededGenerator
  ) -> [(action: Action, logProbability: Double)] {
    let count = specification.actionCount
    guard case .continuous = specification.actions else {
      let log_BA = policy_BP.logSoftmax(axis: 1).doubles
      return stride(from: 0, to: log_BA.count, by: count).map { start in
        let log = Array(log_BA[start..<(start + count)])
        let action = Self.drawn(log.map { exp($0) }, &generator)
        return (.discrete(action), log[action])
      }
    }
    let numbers = policy_BP.doubles
    return stride(from: 0, to: numbers.count, by: 2 * count).map { start in
      var logProbability = 0.0
      let values = (0..<count).map { index in
        let (mean, logDeviation) = (numbers[start + index], numbers[start + count + index])
        let draw = generator.normal()
        logProbability -= draw * draw / 2 + logDeviation + log(2 * Double.pi) / 2
        return Float(mean + exp(logDeviation) * draw)
      }
      return (.continuous(values), logProbability)
    }
  }

  /// What the environment is given for a drawn action: vectors within bounds.
  func executable(_ action: Action) -> Action {
    guard case .continuous(let values) = action else { return action }
    return specification.actions.clipped(values)
  }

  /// Actions as a tensor: (B) numbers of discrete ones, (B, A) of continuous ones.
  func tensor(of actions: [Action]) -> Tensor {
    if case .continuous(let low, _) = specification.actions {
      let numbers = actions.flatMap { action -> [Float] in
        if case .continuous(let values) = action { values } else { [] }
      }
      return Tensor(numbers, shape: [actions.count, low.count]).moved(to: device)
    }
    return Tensor(
      actions.map { action in if case .discrete(let index) = action { index } else { 0 } },
      device: device)
  }

  /// Logarithms of probabilities of actions, and the policy's entropies, each (B).
  func judged(_ policy_BP: Tensor, _ actions: Tensor) -> (log_B: Tensor, entropy_B: Tensor) {
    guard case .continuous(let low, _) = specification.actions else {
      return (
        PolicyLearning.logProbabilities(logits_BA: policy_BP, actions_B: actions),
        PolicyLearning.entropy(logits_BA: policy_BP)
      )
    }
    let means_BA = policy_BP.narrowed(axis: 1, from: 0, length: low.count)
    let logDeviations_BA = policy_BP.narrowed(axis: 1, from: low.count, length: low.count)
    return (
      PolicyLearning.logProbabilities(
        means_BA: means_BA, logDeviations_BA: logDeviations_BA, actions_BA: actions),
      PolicyLearning.entropy(logDeviations_BA: logDeviations_BA)
    )
  }

  /// An action in proportion to its probability.
  static func drawn(_ probabilities: [Double], _ generator: inout SeededGenerator) -> Int {
    var rest = generator.uniform() * probabilities.reduce(0, +)
    for (action, probability) in probabilities.enumerated() {
      rest -= probability
      if rest < 0 { return action }
    }
    return probabilities.lastIndex { $0 > 0 } ?? 0
  }
}

extension SeededGenerator {
  /// A normal number (Box and Muller 1958); takes two uniform ones.
  mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * Double.pi * uniform())
  }
}
