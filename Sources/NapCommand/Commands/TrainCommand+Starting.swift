import Experiments
import Foundation
import RunStore
import Torch

/// New runs: of a recipe, of a file, and from another run.
extension TrainCommand {
  /// A run that has a checkpoint to go on from, so far as its record says.
  func trained(_ run: Run) throws(UsageError) -> Run {
    guard run.purpose != .imported else {
      throw UsageError(
        "run \(run.id) was imported, so it has no checkpoint to go on from; train a new run of its recipe"
      )
    }
    return run
  }

  func train<R: Recipe>(_ recipe: R.Type, device: Device) throws {
    try start(R.self, request(R.self, device: device))
  }

  /// What the options ask to be trained.
  ///
  /// - Throws: errors of usage.
  func request<R: Recipe>(
    _ recipe: R.Type, device: Device
  ) throws -> TrainingSession<R>.Request {
    let preset = try R.preset(configurationOptions.preset)
    let arm = try R.name(
      ofArm: arm ?? preset.arms.first { $0 == "nap" } ?? preset.arms[0],
      methods: method.map { try MethodNames.parse($0, separator: ",") } ?? [])
    let configuration = try configurationOptions.parsed(for: R.self)
      .configuration(of: R.self, from: preset.configuration, arm: arm)
    _ = try R.validate(configuration)
    try R.requireActingMethods(configuration)
    return TrainingSession<R>.Request(
      preset: preset.name, arm: arm, configuration: configuration, seed: seed ?? 0, device: device,
      name: name)
  }

  func train<R: Recipe>(
    _ recipe: R.Type, _ description: RunDescription, device: Device
  ) throws {
    let configuration = try configurationOptions.parsed(for: R.self)
      .applied(to: description.configuration(of: R.self))
    try start(
      R.self,
      .init(
        preset: description.preset, arm: description.arm, configuration: configuration,
        seed: seed ?? description.seed, device: device, name: name))
  }

  /// Checks a new run and trains it.
  func start<R: Recipe>(_ recipe: R.Type, _ request: TrainingSession<R>.Request) throws {
    try check(R.self, request)
    guard !printsConfiguration else { return }
    if let bytes = R.memoryForecast(request.configuration), bytes > 2e9 {
      Console.error("memory: about \(MemoryLimit.gigabytes(bytes)) at most")
    }
    let store = try runs.open()
    let forecast = try machine.forecast(
      R.self, arm: request.arm, configuration: request.configuration, device: request.device)
    try long.confirm(
      "this run", hours: forecast.hours, on: MachineOptions.words(forecast.threads))
    try printer().run(TrainingSession<R>(request, store: store))
  }

  /// Shows warnings, and the resolved run where that is asked for.
  func check<R: Recipe>(_ recipe: R.Type, _ request: TrainingSession<R>.Request) throws {
    for warning in try R.validate(request.configuration) { Console.error("warning: \(warning)") }
    try R.requireActingMethods(request.configuration)
    guard printsConfiguration else { return }
    Console.line(
      try RunDescription(
        R.self, preset: request.preset, arm: request.arm, seed: request.seed,
        configuration: request.configuration
      ).text())
  }

  /// The run and the updates of `RUN@40000`; text without digits after an `@` is a run.
  static func parts(ofParent text: String) -> (run: String, updates: Int?) {
    guard let at = text.lastIndex(of: "@"), let updates = Int(text[text.index(after: at)...]) else {
      return (text, nil)
    }
    return (String(text[..<at]), updates)
  }

  func fork<R: Recipe>(
    _ recipe: R.Type, _ parent: Run, at updates: Int?, _ store: Store
  ) throws {
    let changes = try configurationOptions.parsed(for: R.self)
    let fork = try RunFork<R>(parent, changes: changes)
    var request = TrainingSession<R>.Request(
      preset: parent.preset, arm: fork.arm, configuration: fork.configuration,
      seed: seed ?? parent.seed, device: .cpu, name: name)
    try check(R.self, request)
    guard !printsConfiguration else { return }
    request.device = try machine.prepare(resuming: parent, asksPlan: false)
    let session = try TrainingSession<R>(
      forking: parent, at: updates, changes: changes, request, store: store,
      trustsState: trust.isGiven)
    Console.error("run \(session.run) goes on from run \(parent.id) at update \(session.resumedAt)")
    try printer().run(session)
  }
}
