/// The name of something that is measured, such as `task_end_loss`.
///
/// ``Metric/glossary`` defines each of the names below, and `docs/metrics.md` is printed from it.
/// Any other name may be recorded too: it is shown under its own name, without a unit.
public struct Metric: Hashable, Sendable {
  /// The name as recorded: lower case, words joined by `_`.
  public let name: String

  /// Takes a name as recorded.
  public init(_ name: String) { self.name = name }
}

extension Metric: ExpressibleByStringLiteral, CustomStringConvertible {
  public init(stringLiteral name: String) { self.init(name) }
  public var description: String { name }
}

extension Metric: Codable {
  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}

extension Metric {
  /// Mean loss over all of the task's examples after its last update.
  public static let taskEndLoss: Metric = "task_end_loss"
  /// Accuracy over all of the task's examples after its last update.
  public static let taskEndAccuracy: Metric = "task_end_accuracy"
  /// Accuracy of each batch before its update, averaged over the task.
  public static let onlineAccuracy: Metric = "online_accuracy"
  /// Loss of each batch before its update, averaged over the task.
  public static let onlineLoss: Metric = "online_loss"
  /// Mean loss over the test set.
  public static let testLoss: Metric = "test_loss"
  /// Accuracy over the test set.
  public static let testAccuracy: Metric = "test_accuracy"
  /// How often the right class is among the five likeliest, over the test set.
  public static let topFiveAccuracy: Metric = "top5_accuracy"
  /// e to the power of the test loss.
  public static let perplexity: Metric = "perplexity"
  /// Loss of one batch before its update.
  public static let trainingLoss: Metric = "training_loss"
  /// Images that were left out so far because they cannot be decoded.
  public static let skippedImages: Metric = "skipped_images"
  /// Accuracy over all of the task's training examples, within the task.
  public static let trainingAccuracy: Metric = "training_accuracy"
  /// Mean entropy of attention's distributions over the probe inputs.
  public static let attentionEntropy: Metric = "attention_entropy"
  /// Root mean square, over the probe inputs, of the Frobenius norm of ∂logits/∂θ.
  public static let jacobianNorm: Metric = "jacobian_norm"
  /// Root mean square, over the probe inputs, of the Frobenius norm of ∂logits/∂x.
  public static let inputJacobianNorm: Metric = "input_jacobian_norm"
  /// Euclidean norm of the loss's gradient.
  public static let gradientNorm: Metric = "gradient_norm"
  /// Euclidean norm of the parameters.
  public static let parameterNorm: Metric = "parameter_norm"
  /// Share of the units that are zero on every probe input.
  public static let deadUnits: Metric = "dead_units"
  /// Euclidean norm of the optimizer's step.
  public static let updateNorm: Metric = "update_norm"
  /// Norm of the optimizer's step over the norm of the parameter before it.
  public static let updateRatio: Metric = "update_ratio"
  /// Euclidean norm of what the parameters moved by, methods and projection included.
  public static let weightChangeNorm: Metric = "weight_change_norm"
  /// Norm of what a parameter moved by over its norm before.
  public static let weightChangeRatio: Metric = "weight_change_ratio"
  /// How far the optimizer's ε is from mattering: √v̂ / (√v̂ + ε).
  public static let scaleFreeShare: Metric = "scale_free_share"
  /// Angle between a parameter before and after one update.
  public static let rotation: Metric = "rotation"
  /// What the schedule declares for a scale-invariant weight of norm 1, by the regime measured.
  public static let effectiveLearningRate: Metric = "effective_learning_rate"
  /// The schedule's learning rate, η.
  public static let learningRate: Metric = "learning_rate"
  /// Sum of an episode's rewards as the environment gave them.
  public static let episodeReturn: Metric = "episode_return"
  /// Mean return over the last tenth of a visit to an environment, as the environment gave it.
  public static let visitReturn: Metric = "visit_return"
  /// ``visitReturn`` between a random player's, 0, and a reference player's, 1.
  public static let visitScore: Metric = "visit_score"
  /// Mean return of evaluation episodes, of an agent that does not learn meanwhile.
  public static let evaluationReturn: Metric = "evaluation_return"
  /// See its glossary entry.
  public static let evaluationScore: Metric = "evaluation_score"
  /// Loss of one batch of an agent before its update.
  public static let agentLoss: Metric = "agent_loss"
  /// Mean over a batch of the largest expected return that the network predicts.
  public static let actionValue: Metric = "action_value"
  /// Frames of the environment since the run began.
  public static let frames: Metric = "frames"
  /// Wall-clock time since the run began, over its sessions.
  public static let seconds: Metric = "seconds"
  /// Examples that training takes in a second.
  public static let examplesPerSecond: Metric = "examples_per_second"
  /// Tokens that training takes in a second.
  public static let tokensPerSecond: Metric = "tokens_per_second"
  /// Floating-point operations of the model's definition in a second.
  public static let modelOperationRate: Metric = "model_operation_rate"
  /// Model FLOPs utilization: that rate over the device's peak.
  public static let modelUtilization: Metric = "model_flops_utilization"
  /// The largest resident memory of the process so far.
  public static let peakMemory: Metric = "peak_memory"
  /// The most memory that tensors took of the GPU so far.
  public static let devicePeakMemory: Metric = "device_peak_memory"

  /// What depends on the machine and its moment: two equal runs differ in these alone.
  public static let ofTheMachine: Set<Metric> = [
    .seconds, .examplesPerSecond, .tokensPerSecond, .modelOperationRate, .modelUtilization,
    .peakMemory, .devicePeakMemory,
  ]
}
