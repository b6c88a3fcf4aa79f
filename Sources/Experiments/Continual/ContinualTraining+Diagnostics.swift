import Datasets
public import Networks
public import Plasticity
public import Torch
public import Training

extension ContinualTraining: MeasurableRun {
  /// The inputs that the task trains on.
  public var taskInputs: Tensor { data.training.inputs }
  /// The number of classes.
  public var classCount: Int { task.classCount }
  /// Images of a batch, at most all.
  public var batchSize: Int { min(configuration.batchSize, data.training.count) }
  /// The root of the run's random numbers.
  public var generator: Generator { root }

  /// A learner of the run's design, with weights drawn from `weights`, or with the first weights of the run's own.
  public func startedLearner(_ weights: Generator?) throws -> Learner {
    try Self.learner(
      configuration, task: task, lengths: lengths, root: root,
      index: configuration.isFresh ? lengths.lastTask(after: updates) ?? 0 : 0, weights: weights,
      device: device)
  }

  /// The network over the run's probe images with the task's labels; units on at most 512 images.
  ///
  /// If tasks differ in their inputs, the probes are those of the present task.
  public func diagnosticSubject(
    initial: [String: Tensor]? = nil, reference: DiagnosticReference? = nil,
    update: StepRecord? = nil
  ) -> DiagnosticSubject {
    let examples = taskProbes
    return DiagnosticSubject(
      network: network, probes: examples.inputs, labels: examples.labels, unitProbes: unitProbes,
      loss: .crossEntropy, initial: initial, reference: reference, update: update,
      generator: root.split("diagnostics"))
  }

  /// One more update on the present task, even after the end of the run. The run must then be dropped.
  public mutating func trialUpdate() throws -> StepRecord? {
    if updates == 0 { data = try stream.begin(0) }
    let rows = Tensor(sampler.nextBatch().indices, device: device)
    let inputs = data.training.inputs[rows]
    let loss = learner.trainingOutputs(inputs).crossEntropy(data.training.labels[rows])
    let (task, before) = updates == 0 ? (0, -1) : lengths.place(after: updates - 1)
    learner.position = .init(update: updates, task: task, updateInTask: before + 1)
    return try learner.step(loss, inputs: inputs, isMeasured: true).record
  }
}
