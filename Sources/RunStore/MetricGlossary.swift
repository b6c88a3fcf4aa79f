extension Metric {
  /// What is known of a metric: how to show it and what it means.
  public struct Entry: Hashable, Sendable {
    /// Whether more is better, less is better, or neither.
    public enum Direction: Hashable, Sendable { case higher, lower, neither }

    /// The metric.
    public let metric: Metric
    /// A title for people.
    public let title: String
    /// The unit, empty for a pure number.
    public let unit: String
    /// Whether more is better.
    public let better: Direction
    /// Whether its values span decades, so that a logarithmic axis shows them better.
    public let spansDecades: Bool
    /// The definition, in one sentence.
    public let definition: String
  }

  /// What is known of this metric, `nil` for a name that is not in the glossary.
  public var entry: Entry? { Metric.glossary.first { $0.metric == self } }

  /// The metric's title, or its own name with spaces where it is not in the glossary.
  public var title: String { entry?.title ?? name.split(separator: "_").joined(separator: " ") }

  /// Every metric that nap records, in the order of `docs/metrics.md`.
  public static let glossary: [Entry] = mainGlossary + diagnosticGlossary + agentGlossary

  private static let mainGlossary: [Entry] = [
    Entry(
      metric: .taskEndLoss, title: "Loss at task end", unit: "nats", better: .lower,
      spansDecades: true,
      definition: "mean cross-entropy over all of the task's examples after its last update"),
    Entry(
      metric: .taskEndAccuracy, title: "Accuracy at task end", unit: "share", better: .higher,
      spansDecades: false,
      definition: "share of the task's examples that are classified right after its last update"),
    Entry(
      metric: .onlineAccuracy, title: "Online accuracy", unit: "share", better: .higher,
      spansDecades: false,
      definition: "accuracy of each batch before its update, averaged over the task"),
    Entry(
      metric: .onlineLoss, title: "Online loss", unit: "nats", better: .lower,
      spansDecades: true,
      definition: "loss of each batch before its update, averaged over the task"),
    Entry(
      metric: .testAccuracy, title: "Test accuracy", unit: "share", better: .higher,
      spansDecades: false,
      definition:
        "share of the task's test examples that are classified right, at its end and where evaluated within it"
    ),
    Entry(
      metric: .testLoss, title: "Test loss", unit: "nats", better: .lower,
      spansDecades: true,
      definition:
        "mean cross-entropy over the task's test examples, at its end and where evaluated within it"
    ),
    Entry(
      metric: .trainingLoss, title: "Training loss", unit: "nats", better: .lower,
      spansDecades: true,
      definition: "loss of one batch before the update that uses it"),
    Entry(
      metric: .trainingAccuracy, title: "Training accuracy", unit: "share", better: .higher,
      spansDecades: false,
      definition: "share of all the task's training examples that are classified right within it"),
    Entry(
      metric: .jacobianNorm, title: "Jacobian norm", unit: "", better: .neither,
      spansDecades: true,
      definition: "root mean over the probe inputs of the squared Frobenius norm of ∂logits/∂θ"),
    Entry(
      metric: .inputJacobianNorm, title: "Input Jacobian norm", unit: "", better: .neither,
      spansDecades: true,
      definition: "root mean over the probe inputs of the squared Frobenius norm of ∂logits/∂x"),
    Entry(
      metric: .gradientNorm, title: "Gradient norm", unit: "", better: .neither,
      spansDecades: true, definition: "Euclidean norm of the loss's gradient before clipping"),
    Entry(
      metric: .parameterNorm, title: "Parameter norm", unit: "", better: .neither,
      spansDecades: true, definition: "Euclidean norm of the parameters"),
    Entry(
      metric: .deadUnits, title: "Dead units", unit: "share", better: .lower,
      spansDecades: false,
      definition: "share of the units whose activation is zero on every probe input"),
    Entry(
      metric: .attentionEntropy, title: "Attention entropy", unit: "nats", better: .neither,
      spansDecades: false,
      definition: "mean entropy of attention's distributions over probe inputs, heads and positions"
    ),
    Entry(
      metric: .updateNorm, title: "Update norm", unit: "", better: .neither,
      spansDecades: true, definition: "Euclidean norm of one update, projection included"),
    Entry(
      metric: .updateRatio, title: "Update ratio", unit: "", better: .neither,
      spansDecades: true,
      definition: "norm of one update over the norm of the parameter before it"),
    Entry(
      metric: .rotation, title: "Rotation", unit: "rad", better: .neither,
      spansDecades: true, definition: "angle between a parameter before and after one update"),
    Entry(
      metric: .effectiveLearningRate, title: "Effective learning rate", unit: "",
      better: .neither, spansDecades: true,
      definition: "η/‖W‖ for scale-free optimizers such as Adam, η/‖W‖² for gradient descent"),
    Entry(
      metric: .learningRate, title: "Learning rate", unit: "", better: .neither,
      spansDecades: true, definition: "the schedule's learning rate η at the update"),
    Entry(
      metric: .seconds, title: "Time", unit: "s", better: .lower,
      spansDecades: false,
      definition: "wall-clock time since the run began, summed over its sittings"),
  ]
}
