import Foundation
import Networks
public import Plasticity
import Reinforcement
import RunStore
import Torch
import Training

/// How well a network learns something new: it is fitted to random tasks for a fixed budget.
///
///     plasticity = b − loss after the budget
///
/// **Random targets** (Lyle et al. 2023, section 3; METHOD section 4): mean squared error to
///
///     y_k(x) = a_k + sin(10⁵ f_k(x; ω₀))
///
/// with a_k the mean over the inputs of output k before the fit, ω₀ the weights of a fresh network, and
/// b the variance of the targets over the inputs, averaged over the outputs. **Random labels**: cross
/// entropy to labels drawn uniformly, with b = ln K, the loss of guessing.
///
/// Every draw of a task is the same for whoever is fitted to it. The optimizer, the learning rate's
/// schedule, the projection and the rival methods are the run's; the optimizer starts anew, as a fresh
/// network's does, which the source leaves open.
public struct FreshTaskProbe {
  /// The kinds of tasks.
  public enum Battery: String, Sendable, Codable, CaseIterable {
    /// Random labels.
    case labels = "random labels"
    /// Random targets.
    case targets = "random targets"
  }

  /// How much is spent.
  public struct Budget: Sendable, Hashable, Codable {
    /// Updates of one fit. Source: Lyle et al. 2023 for 2,000.
    public var steps: Int
    /// Tasks of each battery. Source: METHOD section 4 for 10.
    public var draws: Int

    /// A budget; the source's unless told otherwise.
    public init(steps: Int = 2_000, draws: Int = 10) {
      self.steps = steps
      self.draws = draws
    }
  }

  /// What one fit came to.
  public struct Fit: Sendable, Hashable, Codable {
    /// The kind of task.
    public var battery: Battery
    /// Which task of its kind, from 0.
    public var draw: Int
    /// b.
    public var baseline: Double
    /// The mean loss over all inputs after the budget.
    public var loss: DiagnosticOutcome
    /// b − loss.
    public var plasticity: DiagnosticOutcome
  }

  /// The run whose inputs and design are used.
  let run: any MeasurableRun
  /// The budget.
  let budget: Budget

  var root: Generator { run.generator.split("fresh-task-probe") }

  /// A learner of the run's design that starts anew: another one a draw.
  func freshLearner(_ draw: Int) throws -> Learner {
    try run.startedLearner(root.split("fresh-\(draw)"))
  }

  /// Where a task's numbers come from.
  func generator(_ battery: Battery, draw: Int) -> Generator {
    root.split("\(battery.rawValue)-\(draw)")
  }

  /// Fits a learner, which is changed, to one task.
  func fit(_ learner: Learner, _ battery: Battery, draw: Int) throws -> Fit {
    var learner = learner
    let generator = generator(battery, draw: draw)
    let task = try task(battery, learner, generator)
    var fit = Fit(
      battery: battery, draw: draw, baseline: task.baseline,
      loss: .undefined(.notGiven("a fit was")), plasticity: .undefined(.notGiven("a fit was")))
    if let reason = try train(&learner, on: task, batches: generator.split("batches")) {
      (fit.loss, fit.plasticity) = (.undefined(reason), .undefined(reason))
      return fit
    }
    let loss = loss(of: learner, on: task)
    fit.loss = DiagnosticOutcome(finite: loss, "the loss after the fit")
    fit.plasticity = DiagnosticOutcome(finite: task.baseline - loss, "the loss after the fit")
    return fit
  }

  /// What is fitted to.
  struct Task {
    var targets: Tensor
    var loss: Loss
    var baseline: Double
  }

  /// One task of a kind, as it is for the learner: its mean outputs are part of the targets.
  func task(
    _ battery: Battery, _ learner: Learner, _ generator: Generator
  ) throws -> Task {
    let inputs = run.taskInputs
    switch battery {
    case .labels:
      let labels = Tensor.integers(
        from: 0, to: run.classCount, [inputs.shape[0]], generator: generator.split("labels"))
      return Task(
        targets: labels.moved(to: inputs.device), loss: .crossEntropy,
        baseline: log(Double(run.classCount)))
    case .targets:
      let other = try run.startedLearner(generator.split("targets"))
      return withoutGradients {
        // In float64, so that rounding the argument of the sine is no part of the task.
        let waves = (outputs(of: other).converted(to: .float64) * 1e5).sine()
        let own = outputs(of: learner)
        let means = own.converted(to: .float64).mean(axes: [0], keepAxes: true)
        let deviations = waves - waves.mean(axes: [0], keepAxes: true)
        return Task(
          targets: (means + waves).converted(to: own.dtype), loss: .meanSquaredError,
          baseline: deviations.squared().mean().item)
      }
    }
  }

  /// Trains for the budget; the reason when it stopped being finite.
  private func train(
    _ learner: inout Learner, on task: Task, batches: Generator
  ) throws -> UndefinedReason? {
    let count = run.taskInputs.shape[0]
    var (order, place) = (Tensor.permutation(count, generator: batches), 0)
    for step in 0..<budget.steps {
      try StopRequest.check()
      if place + run.batchSize > count {
        (order, place) = (Tensor.permutation(count, generator: batches), 0)
      }
      let rows = order[place..<place + run.batchSize].moved(to: run.taskInputs.device)
      place += run.batchSize
      let inputs = run.taskInputs[rows]
      let loss = task.loss(learner.trainingOutputs(inputs), task.targets[rows])
      let value = loss.item
      do {
        guard value.isFinite else { throw TrainingDivergence(update: step, .loss, value: value) }
        learner.position = .init(update: step, updateInTask: step)
        try learner.step(loss, inputs: inputs, value: value)
      } catch {
        let names = learner.parameters.map(\.name)
        guard let outcome = TrainingOutcome.status(of: error, names: names) else { throw error }
        return .notFinite(outcome.reason ?? "\(outcome)")
      }
    }
    return nil
  }

  /// The mean loss over all inputs.
  private func loss(of learner: Learner, on task: Task) -> Double {
    withoutGradients { task.loss(outputs(of: learner), task.targets).item }
  }

  /// Outputs for all inputs, in batches of 1,024.
  private func outputs(of learner: Learner) -> Tensor {
    let inputs = run.taskInputs
    return withoutGradients {
      Tensor.concatenated(
        stride(from: 0, to: inputs.shape[0], by: 1_024).map {
          learner.network(inputs[$0..<min($0 + 1_024, inputs.shape[0])])
        })
    }
  }
}
