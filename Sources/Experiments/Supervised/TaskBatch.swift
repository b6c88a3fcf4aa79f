import Networks
public import Torch
import Training

/// Examples of a task.
public struct TaskBatch {
  /// (B, …).
  public var inputs: Tensor
  /// What the loss takes: (B) int64 classes, or numbers of the outputs' shape.
  public var targets: Tensor
  /// Second targets of examples that were mixed of two; `nil` for examples as they are.
  var mixture: Mixture?
  /// Where the rows are one process's part of a batch: how many count, 0 for a row that stands for none, and how many
  /// all processes have; `nil` for a whole batch.
  var part: (own: Int, whole: Int)?

  /// The second targets of mixed examples.
  struct Mixture {
    /// As ``TaskBatch/targets``.
    var targets: Tensor
    /// λ, the fraction of the first targets.
    var fraction: Double
  }

  /// A batch; see the properties.
  public init(inputs: Tensor, targets: Tensor) {
    self.inputs = inputs
    self.targets = targets
  }

  /// B.
  var count: Int { inputs.shape[0] }

  /// The rows of all processes' parts.
  var wholeCount: Int { part?.whole ?? count }

  /// The targets with the larger fraction, for accuracies.
  var mainTargets: Tensor {
    guard let mixture, mixture.fraction < 0.5 else { return targets }
    return mixture.targets
  }

  /// The mean loss of outputs: that of the targets, for mixed examples `λ L(targets) + (1 − λ) L(second targets)`.
  func loss(_ loss: Loss, _ outputs: Tensor) -> Tensor {
    let first = loss(outputs, targets)
    guard let mixture else { return first }
    return first * mixture.fraction + loss(outputs, mixture.targets) * (1 - mixture.fraction)
  }

  /// So many parts of the rows in order, as equal as they can be; fewer where there are fewer rows.
  func parts(_ wanted: Int) -> [TaskBatch] {
    guard wanted > 1, count > 1 else { return [self] }
    let parts = min(wanted, count)
    return (0..<parts).map { part in
      self[(count * part / parts)..<(count * (part + 1) / parts)]
    }
  }

  /// Some of the rows.
  private subscript(rows: Range<Int>) -> TaskBatch {
    var result = TaskBatch(inputs: inputs[rows], targets: targets[rows])
    result.part = part.map { (rows.count, $0.whole) }
    result.mixture = mixture.map { Mixture(targets: $0.targets[rows], fraction: $0.fraction) }
    return result
  }

  /// The rows of one of several processes and their number: all of a batch that is its part already. A process without
  /// any computes the first, which then counts for nothing: processes go through the same operations.
  func share(_ parallel: DataParallel) -> (batch: TaskBatch, count: Int) {
    if let part { return (self, part.own) }
    let rows = parallel.rows(of: count)
    return (self[rows.isEmpty ? 0..<1 : rows], rows.count)
  }
}
