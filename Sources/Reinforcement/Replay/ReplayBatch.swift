public import Torch

/// Transitions drawn from a replay, each over up to n steps of one episode.
///
/// B is the batch, S stands for the axes of ``/Environments/ObservationSpace/stackedShape``.
public struct ReplayBatch {
  /// What the action was based on, (B, S), uint8 or float32 as the environment shows it.
  public var states: Tensor
  /// The action taken there, (B) int64.
  public var actions: Tensor
  /// Σ γ^i r_i over the transition's steps, (B) float32.
  public var returns: Tensor
  /// γ^n for a transition of n steps, 0 where what follows is worth nothing, (B) float32.
  public var discounts: Tensor
  /// What was seen n steps later, (B, S).
  public var nextStates: Tensor
  /// Importance weights, (B) float32, the batch's largest 1; ones where sampling is uniform.
  public var weights: Tensor
  /// Where the transitions lie, for new priorities.
  public var slots: [ReplaySlot]

  /// A batch; see the properties.
  public init(
    states: Tensor, actions: Tensor, returns: Tensor, discounts: Tensor, nextStates: Tensor,
    weights: Tensor, slots: [ReplaySlot]
  ) {
    self.states = states
    self.actions = actions
    self.returns = returns
    self.discounts = discounts
    self.nextStates = nextStates
    self.weights = weights
    self.slots = slots
  }
}

/// Where a transition lies in a replay, and which one it is: a later one in the same place has
/// another serial number, so that a late priority does not go to a stranger.
public struct ReplaySlot: Sendable, Hashable {
  /// The place, from 0.
  public var index: Int
  /// How many transitions were stored before it.
  public var serial: Int
}
