import Networks
import NormalizeAndProject
import Torch

/// The second half of an update, recorded once on a GPU and replayed from then on: clipping, the optimizer's step and
/// the projection.
///
/// It follows ``GradientCapture``, whose replayed gradients lie where they lay. Updates that project and those that do
/// not are recorded apart, each after one that ran as it is. The learning rate and the count of updates are scalars of
/// the device, which are written before each replay. The first replay is compared with the step itself, and later ones
/// as ``GradientCapture`` does: the weights and the optimizer's state must become the same. A measured update, and one
/// with baseline methods, runs as it is. Where recording fails, updates go on without it, and ``problem`` says why.
///
/// float64 weights under Adam take the recorded rate in float32, and so may differ by 1e-7 of a step.
///
/// Cost of a replay: two scalars are written. Memory: what a step needs beside weights and state stays taken, for each
/// recording; at the first replay a copy of weights and state, and another of what they became.
struct StepCapture {
  /// Why steps are not replayed; `nil` while they are, or may be later.
  private(set) var problem: String?
  /// By whether the update projects.
  private var recordings: [Bool: Recording] = [:]
  private var seen: Set<Bool> = []

  private struct Recording {
    let work: CapturedWork
    let numbers: FusedOperators.DeviceNumbers
    let form: Form
    var check = RepeatedCheck()
  }

  /// What a recording is good for.
  private struct Form: Equatable {
    /// Where gradients, weights, buffers and the optimizer's tensors lie.
    let places: [UInt]
    let isTrainable: [Bool]
    let targetNorms: [Double?]
    let jointTargetNorms: [JointTargetNorm]
  }

  /// Takes the step that a request asks for, recording it first.
  ///
  /// - Returns: whether it was taken.
  mutating func take(_ request: UpdateRequest, of learner: inout Learner) throws -> Bool {
    guard problem == nil else { return false }
    let isProjecting = learner.projection.nap.projection.isDue(at: learner.position.update)
    let form = Form(
      places: (request.gradients + learner.changing).map(\.address),
      isTrainable: request.parameters.map(\.isTrainable), targetNorms: request.targetNorms,
      jointTargetNorms: request.jointTargetNorms)
    if var recording = recordings[isProjecting], recording.form == form {
      recording.numbers.set(
        learningRate: request.learningRate, updates: learner.optimizer.state.stepCount + 1)
      let isDue = recording.check.isDue()
      recordings[isProjecting] = recording
      if isDue {
        try compare(recording, with: request, of: &learner, isProjecting: isProjecting)
      } else {
        recording.work.replay()
        learner.optimizer.state.stepCount += 1
      }
      return true
    }
    if recordings.removeValue(forKey: isProjecting) != nil { seen.remove(isProjecting) }
    // What a step brings to the device is brought by one that is not recorded.
    guard !seen.insert(isProjecting).inserted else { return false }
    let start = Start(of: learner)
    let recording: Recording
    do {
      recording = try record(request, of: learner, form)
    } catch {
      start.restore()
      guard let error = error as? TorchError else { throw error }
      problem = error.reason
      return false
    }
    recordings[isProjecting] = recording
    try compare(recording, with: request, of: &learner, isProjecting: isProjecting)
    return true
  }

  /// Takes a step as it is, after a replay that must have given the same. A recording that did not is given up.
  private mutating func compare(
    _ recording: Recording, with request: UpdateRequest, of learner: inout Learner,
    isProjecting: Bool
  ) throws {
    let start = Start(of: learner)
    recording.work.replay()
    let replayed = start.now
    start.restore()
    try learner.optimizer.step(request)
    try learner.projection.apply(after: request, update: learner.position.update)
    let (difference, _) = GradientCapture.norms(of: replayed, beside: start.tensors)
    let (change, _) = GradientCapture.norms(of: start.values, beside: start.tensors)
    // What is not finite is the loop's to tell.
    guard change.isFinite, !(difference <= GradientCapture.tolerance * change) else { return }
    problem = "a replayed step has other results: they differ by \(difference) of \(change)"
    recordings = [:]
    try recording.check.requireFirst(problem)
  }

  /// What a step changes, as it was.
  private struct Start {
    let tensors: [Tensor]
    let values: [Tensor]

    init(of learner: Learner) {
      tensors = learner.changing
      values = withoutGradients { [tensors] in tensors.map { $0.cloned() } }
    }

    /// Copies of what the tensors hold now.
    var now: [Tensor] { withoutGradients { tensors.map { $0.cloned() } } }

    func restore() {
      withoutGradients {
        for (tensor, value) in zip(tensors, values) { tensor.copyInPlace(from: value) }
      }
    }
  }

  private func record(
    _ request: UpdateRequest, of learner: Learner, _ form: Form
  ) throws -> Recording {
    var (own, optimizer) = (request, learner.optimizer)
    let numbers = FusedOperators.DeviceNumbers(
      learningRate: request.learningRate, updates: optimizer.state.stepCount + 1,
      on: learner.capture.device)
    own.deviceNumbers = numbers
    // Other numbers on the host: one that is recorded in the place of a device's shows at the first replay.
    own.learningRate *= 2
    optimizer.state.stepCount += 7
    let work = try CapturedWork(on: learner.capture.device) {
      try optimizer.step(own)
      try learner.projection.apply(after: own, update: learner.position.update)
      return []
    }
    return Recording(work: work, numbers: numbers, form: form)
  }
}

extension Learner {
  /// What of an update is not replayed on a GPU, and why, as a sentence; `nil` while all is, or may be.
  public var captureProblem: String? {
    if let reason = capture.problem { return "updates are not replayed as a CUDA graph: \(reason)" }
    let reason = hooks.isEmpty ? stepCapture.problem : "baseline methods act between its parts"
    return reason.map { "the optimizer's step is not replayed as a CUDA graph: \($0)" }
  }

  /// Takes the step that a request asks for from a recording, where ``capture`` replays its gradients.
  ///
  /// - Returns: whether it was taken.
  mutating func replaysStep(_ request: UpdateRequest) throws -> Bool {
    guard hooks.isEmpty, !request.isMeasured, capture.problem == nil, capture.writes(gradients)
    else { return false }
    var own = stepCapture
    defer { stepCapture = own }
    return try own.take(request, of: &self)
  }

  /// What a step changes in place: weights, the network's buffers, the optimizer's tensors.
  var changing: [Tensor] {
    parameters.map { $0.parameter.value.detached() } + buffers
      + optimizer.state.slots.flatMap { $0.tensors.compactMap { $0 } }
  }
}
