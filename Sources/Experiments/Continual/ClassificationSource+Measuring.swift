public import Networks
import Plasticity
public import RunStore
public import Torch

extension ClassificationSource {
  /// Loss of the batch before the update, and dead units after it.
  public func measurements(
    _ network: Sequential, loss: Double, _ moment: LoopMoment
  ) -> [MetricValue] {
    [
      moment.value(.trainingLoss, loss),
      moment.value(.deadUnits, DeadUnits.measure(network, probes: unitProbes).fraction),
    ]
  }

  /// The results of a task at its end, and loss and accuracy over all examples if they are due.
  public func evaluation(
    _ network: Sequential, _ online: OnlineTotals, after moment: LoopMoment, generator: Generator
  ) throws -> [MetricValue] {
    let every = configuration.recording.evaluateEveryUpdates
    var values = moment.endsTask ? try results(network, online, moment, generator) : []
    if LoopCadence.isDue(moment.updates, every: every) || (moment.endsTask && every > 0) {
      values += try accuracies(network, moment)
    }
    return values
  }

  /// Accuracy over all training examples, the entropy of attention if there is attention, and loss and accuracy over
  /// the test set if there is one, unless the task's results have them.
  private func accuracies(_ network: Sequential, _ moment: LoopMoment) throws -> [MetricValue] {
    var values = [
      moment.value(.trainingAccuracy, try evaluation(network, data.training).accuracy)
    ]
    if !moment.endsTask { values += try testResults(network, moment) }
    return values + attentionResults(network, moment)
  }

  /// Loss and accuracy over all training examples at a task's end, and over the test set if there is one.
  public func averageResults(
    _ network: Sequential, after moment: LoopMoment
  ) throws -> [MetricValue] {
    let test = try testResults(network, moment)
    guard moment.endsTask else { return test }
    let (loss, accuracy) = try evaluation(network, data.training)
    return [moment.value(.taskEndLoss, loss), moment.value(.taskEndAccuracy, accuracy)] + test
  }

  private func testResults(_ network: Sequential, _ moment: LoopMoment) throws -> [MetricValue] {
    guard let test = data.test else { return [] }
    let (loss, accuracy) = try evaluation(network, test)
    return [moment.value(.testLoss, loss), moment.value(.testAccuracy, accuracy)]
  }

  /// Loss and accuracy over all examples of a task, online accuracy, dead units and, when due, the Jacobian norm.
  private func results(
    _ network: Sequential, _ online: OnlineTotals, _ moment: LoopMoment, _ generator: Generator
  ) throws -> [MetricValue] {
    let (loss, accuracy) = try evaluation(network, data.training)
    let dead = DeadUnits.measure(network, probes: unitProbes)
    var values =
      [moment.value(.taskEndLoss, loss), moment.value(.taskEndAccuracy, accuracy)]
      + online.results(updates: lengths.length(ofTask: moment.task)).map {
        moment.value($0.metric, $0.value)
      } + [moment.value(.deadUnits, dead.fraction)]
    values += try testResults(network, moment)
    values += dead.layers.map { moment.value(.deadUnits, of: $0.name, $0.fraction) }
    if isJacobianDue(moment.task) {
      let jacobian = JacobianNorm.measure(
        network, probes: probes.inputs,
        generator: generator.split("jacobian").split("task-\(moment.task)"))
      values.append(moment.value(.jacobianNorm, jacobian.value))
    }
    return values
  }

  private func isJacobianDue(_ task: Int) -> Bool {
    let every = configuration.recording.jacobianEveryTasks
    return every > 0 && task % every == 0
  }

  /// Dead units, the Jacobian norm when it is due, and the entropy of attention of a transformer that is evaluated.
  public func evaluatedMetrics(_ moment: LoopMoment) -> Set<Metric> {
    let hasAttention =
      configuration.recording.evaluateEveryUpdates > 0 && configuration.network.kind == .transformer
    return Set([.deadUnits])
      .union(isJacobianDue(moment.task) ? [.jacobianNorm] : [])
      .union(hasAttention ? [.attentionEntropy] : [])
  }

  /// The run's probe examples with the inputs and labels of the present task.
  public var probes: TaskBatch {
    let examples = data.training
    let places = probeOrder.lazy.filter { $0 < examples.count }
      .prefix(configuration.recording.probeCount)
    let rows = Tensor(Array(places), device: device)
    return TaskBatch(inputs: examples.inputs[rows], targets: examples.labels[rows])
  }

  /// The first 512 examples of the task, or all if there are fewer.
  public var unitProbes: Tensor { data.training.inputs[0..<min(data.training.count, 512)] }

  /// Four of the probes.
  public var firstInputs: Tensor {
    task.inputs[Tensor(Array(probeOrder.prefix(4)), device: device)]
  }

  /// The inputs that the task trains on.
  public var taskInputs: Tensor { data.training.inputs }

  /// Mean loss and accuracy over examples, in batches of 1,024. Can be stopped between batches.
  private func evaluation(
    _ network: Sequential, _ examples: LabelledExamples
  ) throws -> (loss: Double, accuracy: Double) {
    try withoutGradients {
      var loss = 0.0
      var correct = 0
      var start = 0
      let count = examples.count
      while start < count {
        try StopRequest.check()
        let range = start..<min(start + 1_024, count)
        let logits_BK = network(examples.inputs[range])
        let labels_B = examples.labels[range]
        loss += logits_BK.crossEntropy(labels_B, reduction: .sum).item
        correct += Accuracy.correctCount(logits_BK, labels_B).integerItem
        start = range.upperBound
      }
      return (loss / Double(count), Double(correct) / Double(count))
    }
  }
}
