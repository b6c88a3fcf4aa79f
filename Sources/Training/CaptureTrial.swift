import Networks
import NormalizeAndProject
public import Torch

/// A trial of recorded updates on a GPU: a small network whose updates are replayed, beside a twin whose updates run as
/// they are.
///
/// It has what runs ask of recordings: Adam, a learning rate that moves, a limit on gradients, a projection at every
/// second update, and random numbers that each replay draws anew. A fault of a driver or a library may end the process,
/// so that a program tries this in a process of its own before it trains.
public enum CaptureTrial {
  /// More updates than the recordings of both halves wait for.
  static let updates = 16

  /// What is wrong with recorded updates on a device, as a sentence; `nil` where they give what updates give.
  ///
  /// Cost: two times sixteen updates of a small network, and what a device does at first.
  ///
  /// - Throws: what the updates throw.
  public static func problem(on device: Device) throws -> String? {
    var replayed = try learner(on: device)
    replayed.capture = GradientCapture(on: device)
    var plain = try learner(on: device)
    let start = withoutGradients { plain.changing.map { $0.cloned() } }
    let noises = (Generator(seed: 2, device: device), Generator(seed: 2, device: device))
    let batches = Generator(seed: 3)
    for _ in 0..<updates {
      let batch = [
        Tensor.normal([32, 16], generator: batches).moved(to: device),
        Tensor.integers(from: 0, to: 4, [32], generator: batches).moved(to: device),
      ]
      try update(&replayed, batch, noises.0)
      try update(&plain, batch, noises.1)
    }
    if let problem = replayed.captureProblem { return problem }
    let (difference, _) = GradientCapture.norms(of: replayed.changing, beside: plain.changing)
    let (change, _) = GradientCapture.norms(of: start, beside: plain.changing)
    guard change > 0, difference <= GradientCapture.tolerance * change else {
      return "replayed updates gave weights that differ by \(difference) of a change of \(change)"
    }
    return nil
  }

  private static func learner(on device: Device) throws -> Learner {
    var decay = Schedule.Decay()
    decay.decayUpdates = 2 * updates
    return try Learner(
      inputShape: [16], seed: 1, nap: NaP(projection: Projection(every: 2)),
      optimizer: OptimizerConfiguration(learningRate: 1e-2, gradientClip: 1),
      schedule: Schedule(.linear(decay)), device: device
    ) {
      .mlp(
        inputFeatures: 16, hidden: [32, 32], classes: 4,
        source: ParameterSource(generator: $0, device: device))
    }
  }

  private static func update(
    _ learner: inout Learner, _ batch: [Tensor], _ noise: Generator
  ) throws {
    _ = try learner.accumulate(on: batch, drawing: [noise]) { learner, batch in
      let draws = Tensor.normal([32, 16], generator: noise, device: noise.device)
      let inputs = batch[0] + 0.1 * draws
      let loss = Loss.crossEntropy(learner.trainingOutputs(inputs), batch[1])
      learner.accumulate(loss)
      return [loss.detached()]
    }
    try learner.apply()
  }
}
