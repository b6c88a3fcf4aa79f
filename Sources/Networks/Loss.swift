public import Torch

/// What training makes small, as a value: a kind with its settings, which compares outputs with targets.
public struct Loss: Sendable, Hashable {
  private enum Kind: Hashable {
    case crossEntropy(labelSmoothing: Double, ignoring: Int)
    case meanSquaredError
  }

  private let kind: Kind

  /// `−log softmax(logits)[label]`, in nats: logits (B, C), labels (B) int64 in `0 ..< C`; or for sequences logits
  /// (B, T, C), labels (B, T).
  public static let crossEntropy = crossEntropy(labelSmoothing: 0)

  /// The mean over all elements of `(output − target)²`: targets of the outputs' shape, or integer
  /// labels, one dimension fewer, which stand for one-hot rows.
  public static let meanSquaredError = Loss(kind: .meanSquaredError)

  /// ``crossEntropy`` with targets `(1 − s)·onehot(label) + s / C`, and without the places whose label is `ignored`;
  /// the mean is over the others, and NaN where there is none.
  ///
  /// - Parameters:
  ///   - labelSmoothing: s, from 0 to 1.
  ///   - ignored: a label that stands for none; PyTorch's −100 unless given.
  public static func crossEntropy(labelSmoothing: Double, ignoring ignored: Int = -100) -> Loss {
    precondition((0...1).contains(labelSmoothing), "label smoothing from 0 to 1")
    return Loss(kind: .crossEntropy(labelSmoothing: labelSmoothing, ignoring: ignored))
  }

  /// The loss of a batch.
  ///
  /// - Parameters:
  ///   - outputs: what the network computed.
  ///   - targets: see the kinds.
  ///   - reduction: joins the examples; with `Reduction.none` the result has one value per label
  ///     for cross entropy, of the labels' shape, and one per element for the squared error.
  public func callAsFunction(
    _ outputs: Tensor, _ targets: Tensor, reduction: Reduction = .mean
  ) -> Tensor {
    switch kind {
    case .crossEntropy(let labelSmoothing, let ignored):
      // libtorch wants the classes second; flat rows do for any number of places.
      let flat = outputs.dimensionCount > 2
      let losses = (flat ? outputs.reshaped(to: [-1, outputs.shape.last ?? 1]) : outputs)
        .crossEntropy(
          flat ? targets.reshaped(to: [-1]) : targets, reduction: reduction, ignoring: ignored,
          labelSmoothing: labelSmoothing)
      return flat && reduction == .none ? losses.reshaped(to: targets.shape) : losses
    case .meanSquaredError:
      return outputs.squaredError(Self.values(targets, like: outputs), reduction: reduction)
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

  /// The number of examples whose label is among the `count` largest logits; as ``correctCount(_:_:)``.
  ///
  /// - Precondition: there are that many classes.
  public static func correctCount(_ logits: Tensor, _ labels: Tensor, among count: Int) -> Tensor {
    withoutGradients {
      logits.largest(count).indices.equal(to: labels.unsqueezed(axis: -1)).sum()
    }
  }

  /// The share of correct examples, from 0 to 1; NaN for an empty batch. Waits for the device.
  public static func fraction(_ logits: Tensor, _ labels: Tensor) -> Double {
    correctCount(logits, labels).item / Double(labels.elementCount)
  }
}
