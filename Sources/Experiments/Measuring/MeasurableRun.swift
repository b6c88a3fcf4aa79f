public import Networks
public import Plasticity
public import Torch
public import Training

/// A run whose network can be measured: by every diagnostic, and by how well it learns something new.
public protocol MeasurableRun: TrainingRun {
  /// The network with what changes it.
  var learner: Learner { get }
  /// The inputs of the task (N, …), which probe tasks put other targets to.
  var taskInputs: Tensor { get }
  /// The number of outputs.
  var classCount: Int { get }
  /// Inputs of one batch.
  var batchSize: Int { get }
  /// The root of the run's random numbers; only ever split.
  var generator: Generator { get }

  /// A learner of the same design at its start, its weights drawn from `weights`, or as the run's own
  /// were when that is absent.
  func startedLearner(_ weights: Generator?) throws -> Learner

  /// The network at this moment.
  func diagnosticSubject(
    initial: [String: Tensor]?, reference: DiagnosticReference?, update: StepRecord?
  ) -> DiagnosticSubject

  /// One more update, measured; afterwards the run is of no further use.
  mutating func trialUpdate() throws -> StepRecord?
}
