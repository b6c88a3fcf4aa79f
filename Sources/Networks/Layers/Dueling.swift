public import Torch

/// Values of actions from an advantage of each and a value of the state: `v + a − mean over actions of a`.
///
/// The branches read the same features (B, F) and give (B, A·N) and (B, N); the result is (B, A, N), for
/// N atoms, quantiles, or 1 for a scalar value. From features of several quantile fractions (B, N, F) the branches give
/// (B, N, A) and (B, N, 1), and the result is again (B, A, N).
///
/// Source: Wang et al. 2016 (arXiv 1511.06581), equation 9; over atoms as in Hessel et al. 2018.
public struct Dueling: BranchedLayer {
  /// To an advantage of each action.
  public let advantage: Sequential
  /// To the state's value.
  public let value: Sequential
  /// A.
  public let actions: Int

  /// A head of two branches.
  public init(actions: Int, advantage: Sequential, value: Sequential) {
    self.actions = actions
    self.advantage = advantage
    self.value = value
  }

  /// `advantage`, then `value`.
  public var branches: [(name: String, sequence: Sequential)] {
    [("advantage", advantage), ("value", value)]
  }

  /// False: the features take part through the branches alone.
  public var passesInputOn: Bool { false }

  /// (B, A, N).
  public func joined(_ outputs: [Tensor], input: Tensor) -> Tensor {
    let advantages_BAN = PerAction(actions: actions)(outputs[0])
    let values_B1N = PerAction(actions: 1)(outputs[1])
    return advantages_BAN - advantages_BAN.mean(axes: [1], keepAxes: true) + values_B1N
  }

  /// The same head of other branches.
  public func replacing(branches: [Sequential]) -> Dueling {
    Dueling(actions: actions, advantage: branches[0], value: branches[1])
  }
}

/// Sorts outputs by action: (B, A·N) to (B, A, N), and (B, N, A) to (B, A, N).
public struct PerAction: ReshapingLayer {
  /// A.
  public let actions: Int

  /// Outputs of so many actions.
  public init(actions: Int) { self.actions = actions }

  /// (B, A, N).
  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.dimensionCount == 3
      ? input.transposed(1, 2) : input.reshaped(to: [input.shape[0], actions, -1])
  }
}

/// A logit for each action beside the state's value: what a policy-gradient agent needs of one network.
///
/// The branches read the same features (B, F) and give (B, A) and (B, 1); the result is (B, A + 1), the value last. For
/// continuous actions the policy gives the means of A components, and the logarithms of their deviations, which are
/// parameters and do not depend on the input, stand after them: (B, 2 A + 1).
public struct ActorCritic: BranchedLayer {
  /// To the logits of the actions, or to means.
  public let policy: Sequential
  /// To the state's value.
  public let value: Sequential

  /// Continuous actions: the logarithms of deviations, (A).
  public let logDeviations: Parameter?

  /// A head of two branches.
  public init(policy: Sequential, value: Sequential, logDeviations: Parameter? = nil) {
    self.policy = policy
    self.value = value
    self.logDeviations = logDeviations
  }

  /// The branches, and the logarithms of deviations.
  public var parts: [Part] {
    branches.map { .module($0.name, $0.sequence) } + Part.optional("logDeviations", logDeviations)
  }

  /// `policy`, then `value`.
  public var branches: [(name: String, sequence: Sequential)] {
    [("policy", policy), ("value", value)]
  }

  public var passesInputOn: Bool { false }

  /// (B, A + 1), or (B, 2 A + 1).
  public func joined(_ outputs: [Tensor], input: Tensor) -> Tensor {
    guard let logDeviations else { return Tensor.concatenated(outputs, axis: 1) }
    let rows_BA = logDeviations.value.expanded(to: outputs[0].shape)
    return Tensor.concatenated([outputs[0], rows_BA, outputs[1]], axis: 1)
  }

  /// The same head of other branches.
  public func replacing(branches: [Sequential]) -> ActorCritic {
    ActorCritic(policy: branches[0], value: branches[1], logDeviations: logDeviations)
  }
}
