import Foundation
import Networks
public import Plasticity
import Reinforcement
import RunStore
import Torch
import Training

/// Measures how well a network learns something new: trains it on random tasks for a fixed budget.
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
/// Every network gets the same draws of tasks. Optimizer, schedule, projection and baseline methods are the run's. The
/// optimizer starts without state, as that of a fresh network does; the source leaves this open.
public struct FreshTaskProbe {
  /// The kinds of tasks.
  public enum Battery: String, Sendable, Codable, CaseIterable {
    /// Random labels.
    case labels = "random labels"
    /// Random targets.
    case targets = "random targets"
  }

  /// The budget of the probe.
  public struct Budget: Sendable, Hashable, Codable {
    /// Updates of one fit. Source: Lyle et al. 2023 for 2,000.
    public var steps: Int
    /// Tasks of each battery. Source: METHOD section 4 for 10.
    public var draws: Int

    /// A budget; by default the source's.
    public init(steps: Int = 2_000, draws: Int = 10) {
      self.steps = steps
      self.draws = draws
    }
  }

  /// The result of one fit.
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

  /// A fresh learner of the run's design: another one per draw.
  func freshLearner(_ draw: Int) throws -> Learner {
    try run.startedLearner(root.split("fresh-\(draw)"))
  }

  /// The generator of a task.
  func generator(_ battery: Battery, draw: Int) -> Generator {
    root.split("\(battery.rawValue)-\(draw)")
  }

  /// Trains a learner on one task; changes the learner.
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

  /// The task of a fit.
  struct Task {
    var targets: Tensor
    var loss: Loss
    var baseline: Double
  }

  /// One task of a kind for a learner, whose mean outputs are part of the targets.
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
        // In float64, so that rounding of the sine's argument does not change the task.
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

  /// Trains for the budget; the reason if the loss stopped being finite.
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
        try learner.step(loss, inputs: inputs)
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
