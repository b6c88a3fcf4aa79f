public import Networks
public import Plasticity
public import Torch
public import Training

/// A run whose network can be measured: by every diagnostic, and by how well it learns something new.
public protocol MeasurableRun: TrainingRun {
  /// The network with what changes it.
  var learner: Learner { get }
  /// The inputs of the task (N, …), for which probe tasks have other targets.
  var taskInputs: Tensor { get }
  /// The number of outputs.
  var classCount: Int { get }
  /// Inputs of one batch.
  var batchSize: Int { get }
  /// The root of the run's random numbers; only ever split.
  var generator: Generator { get }

  /// A learner of the same design at its start, with weights drawn from `weights`, or with the run's first weights if
  /// that is absent.
  func startedLearner(_ weights: Generator?) throws -> Learner

  /// The network at this moment.
  func diagnosticSubject(
    initial: [String: Tensor]?, reference: DiagnosticReference?, update: StepRecord?
  ) -> DiagnosticSubject

  /// One more update, measured. The run must then be dropped.
  mutating func trialUpdate() throws -> StepRecord?
}
