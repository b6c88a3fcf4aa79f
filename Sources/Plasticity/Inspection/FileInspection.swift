/// What the tensors of some checkpoints are, one beside another.
///
/// For any files of tensors, of this package or not: nothing is known of the network but its tensors.
public struct FileInspection: Sendable, Codable {
  /// The files, in order.
  public var paths: [String]
  /// The step of training that each file is of, where it is known.
  public var steps: [Int]?
  /// The learning rate that implied rates are of, when one was given.
  public var learningRate: Double?
  /// The tensors, in the order in which the files list them.
  public var tensors: [TensorHistory] = []

  /// One tensor over the files.
  public struct TensorHistory: Sendable, Codable {
    /// The tensor's name.
    public var name: String
    /// One entry per file; `nil` where the file has no tensor of the name.
    public var states: [TensorState?]
  }

  /// One tensor in one file.
  public struct TensorState: Sendable, Hashable, Codable {
    /// The size of each axis.
    public var shape: [Int]
    /// The element type by the format's name, such as `BF16`.
    public var dtype: String
    /// ‖W‖, accumulated in float64.
    public var norm: DiagnosticOutcome
    /// ‖W − W_before‖ to the file before; `nil` in the first file that has the tensor.
    public var drift: DiagnosticOutcome?
    /// ‖W − W_before‖ / ‖W_before‖.
    public var relativeDrift: DiagnosticOutcome?
    /// η/‖W‖² with the learning rate η, or 1/‖W‖² without one: the effective rate under gradient descent; `nil` for
    /// what no learning rate moves, integers and single numbers, which count something.
    public var gradientDescentRate: DiagnosticOutcome?
    /// η/‖W‖, or 1/‖W‖: the effective rate under Adam and its like; `nil` likewise.
    public var scaleFreeRate: DiagnosticOutcome?
    /// ``gradientDescentRate`` by that in the first file that has the tensor.
    public var relativeGradientDescentRate: DiagnosticOutcome?
    /// ``scaleFreeRate`` by that in the first file that has the tensor.
    public var relativeScaleFreeRate: DiagnosticOutcome?
    /// ‖W‖_F²/‖W‖₂² of a matrix, axis 0 by all others; `nil` for what is none.
    public var stableRank: DiagnosticOutcome?
    /// exp of the entropy of a matrix's singular values; `nil` for what is none.
    public var effectiveRank: DiagnosticOutcome?
    /// The optimizer's step as its saved state gives it; `nil` where the file has no state for the tensor.
    public var step: SavedStep?
  }

  /// The step that an optimizer's saved state makes, without weight decay.
  public struct SavedStep: Sendable, Hashable, Codable {
    /// The learning rate η of the parameter's group.
    public var learningRate: Double
    /// ‖u‖ / (√n ‖W‖): see ``/Networks/StepRecord/Entry/realisedRate``; undefined where the state does not tell the
    /// step.
    public var realisedRate: DiagnosticOutcome
    /// The share √v̂ / (√v̂ + ε) of an adaptive optimizer, which decides the regime; `nil` of gradient descent.
    public var share: Double?
    /// ε of an adaptive optimizer.
    public var epsilon: Double?
    /// What momentum multiplies a settled step by.
    public var gain: Double
  }
}
