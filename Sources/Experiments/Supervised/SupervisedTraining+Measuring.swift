public import Networks
public import NormalizeAndProject
public import Plasticity
public import Torch
public import Training

extension SupervisedTraining: MeasurableRun, AuditableRun {
  /// The inputs that the task trains on.
  public var taskInputs: Tensor { source.taskInputs }
  /// The number of outputs.
  public var classCount: Int { source.outputs }
  /// Examples of a batch.
  public var batchSize: Int { source.batchSize }

  /// A learner of the run's design, with weights drawn from `weights`, or with the first weights of the run's own.
  public func startedLearner(_ weights: Generator?) throws -> Learner {
    try Self.learner(
      source, generator, startedAt: source.isFresh ? lengths.lastTask(after: updates) ?? 0 : 0,
      weights: weights, device: device)
  }

  /// The network over probes of the present task.
  public func diagnosticSubject(
    initial: [String: Tensor]? = nil, reference: DiagnosticReference? = nil,
    update: StepRecord? = nil
  ) -> DiagnosticSubject {
    let probes = source.probes
    return DiagnosticSubject(
      network: network, probes: probes.inputs, labels: probes.targets,
      unitProbes: source.unitProbes, loss: source.loss, initial: initial, reference: reference,
      update: update, generator: generator.split("diagnostics"))
  }

  /// One more update on the present task, even after the end of the run. The run must then be dropped.
  public mutating func trialUpdate() throws -> StepRecord? {
    if updates == 0 { try source.begin(0) }
    let last = moment(max(0, updates - 1))
    let moment = LoopMoment(
      update: updates, task: last.task,
      updateInTask: updates == 0 ? 0 : last.updateInTask + 1, endsTask: false)
    let batch = try source.batch(moment)
    let loss = batch.loss(source.loss, learner.trainingOutputs(batch.inputs))
    learner.position = moment.position
    return try learner.step(loss, inputs: batch.inputs, isMeasured: true).record
  }

  /// The audit over at most 16 probes.
  public func audit() throws -> AuditReport {
    let inputs = source.probes.inputs
    return try NormalizeAndProject.audit(
      network, input: inputs[0..<min(16, inputs.shape[0])],
      projecting: .roles(source.design.nap.projection))
  }
}
