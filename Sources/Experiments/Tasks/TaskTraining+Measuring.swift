public import Networks
public import NormalizeAndProject
public import Plasticity
public import Torch
public import Training

extension TaskTraining: MeasurableRun, AuditableRun {
  /// The inputs of a batch of the present task.
  public var taskInputs: Tensor { probes.inputs }
  /// The number of outputs.
  public var classCount: Int { R.shape(configuration.settings).outputs }
  /// Examples of a batch.
  public var batchSize: Int { taskInputs.shape[0] }

  /// A learner of the run's design, its weights drawn from `weights`, or as the run's own were when it last started.
  public func startedLearner(_ weights: Generator?) throws -> Learner {
    try Self.learner(
      configuration, generator, startedAt: configuration.isFresh ? task : 0, weights: weights,
      device: device)
  }

  /// The network over a batch of the present task that is not trained on.
  public func diagnosticSubject(
    initial: [String: Tensor]? = nil, reference: DiagnosticReference? = nil,
    update: StepRecord? = nil
  ) -> DiagnosticSubject {
    DiagnosticSubject(
      network: learner.network, probes: probes.inputs, labels: probes.targets, loss: R.loss,
      initial: initial, reference: reference, update: update,
      generator: generator.split("diagnostics"))
  }

  /// One more update on the present task; afterwards the run is of no further use.
  public mutating func trialUpdate() throws -> StepRecord? {
    let batch = try Self.batch(configuration, generator, task: task, "\(updates)", device)
    let loss = R.loss(learner.trainingOutputs(batch.inputs), batch.targets)
    learner.position = .init(
      update: updates, task: task, updateInTask: updates - task * configuration.updatesPerTask)
    return try learner.step(loss, inputs: batch.inputs, isMeasured: true).record
  }

  /// The audit over at most 16 examples.
  public func audit() throws -> AuditReport {
    let inputs = taskInputs
    return try NormalizeAndProject.audit(
      learner.network, input: inputs[0..<min(16, inputs.shape[0])],
      projecting: .roles(configuration.nap.projection))
  }
}
