public import Torch

/// What training makes small.
public enum Loss: String, Sendable, Codable, CaseIterable {
  /// `−log softmax(logits)[label]`, in nats: logits (B, C), labels (B) int64 in `0 ..< C`.
  case crossEntropy
  /// The mean over all elements of `(output − target)²`: targets of the outputs' shape, or integer
  /// labels (B), which stand for one-hot rows.
  case meanSquaredError

  /// The loss of a batch.
  ///
  /// - Parameters:
  ///   - outputs: what the network computed.
  ///   - targets: see the cases.
  ///   - reduction: joins the examples; with `Reduction.none` the result has one value an example
  ///     for cross entropy, and one an element for the squared error.
  public func callAsFunction(
    _ outputs: Tensor, _ targets: Tensor, reduction: Reduction = .mean
  ) -> Tensor {
    switch self {
    case .crossEntropy: outputs.crossEntropy(targets, reduction: reduction)
    case .meanSquaredError:
      outputs.squaredError(Self.values(targets, like: outputs), reduction: reduction)
    }
  }

  private static func values(_ targets: Tensor, like outputs: Tensor) -> Tensor {
    guard !targets.dtype.isFloatingPoint, targets.dimensionCount < outputs.dimensionCount else {
      return targets
    }
    return targets.oneHot(classes: outputs.shape.last ?? 1).converted(to: outputs.dtype)
  }
}

/// How often the largest logit is the label's.
public enum Accuracy {
  /// The number of correct examples, an int64 scalar that stays on the device.
  ///
  /// Logits (B, C), labels (B). Among equal logits the first counts.
  public static func correctCount(_ logits: Tensor, _ labels: Tensor) -> Tensor {
    withoutGradients { logits.indexOfMaximum(axis: -1).equal(to: labels).sum() }
  }

  /// The share of correct examples, from 0 to 1; NaN for an empty batch. Waits for the device.
  public static func fraction(_ logits: Tensor, _ labels: Tensor) -> Double {
    correctCount(logits, labels).item / Double(labels.elementCount)
  }
}
