// Write a recipe: an experiment of one's own that is recorded, saved and resumed.
//
// Shows    a configuration, a loop, complete state, and `TrainingSession`, which writes series and checkpoints.
// Run      Tools/example Examples/WriteARecipe.swift
// Prints   the mean loss of the tasks of a run, and whether a run that was stopped and resumed ends with the same bits.
// Expect   tasks recorded: 6 ... 6
// Expect   mean loss over the tasks: 0 ... 0.3
// Expect   resumed at update: 270 ... 270
// Expect   tensors that differ after resuming: 0 ... 0
//
// To use it, copy this file to Sources/YOURS/main.swift; it needs the products Torch, Networks, NormalizeAndProject,
// Training, RunStore and Experiments.

import Experiments
import Foundation
import Networks
import NormalizeAndProject
import RunStore
import Torch
import Training

/// Follows a sine whose frequency grows with every task.
enum RisingSine: Recipe {
  struct Configuration: Codable, Equatable, Sendable {
    var nap = NaP.both
    var optimizer = OptimizerConfiguration(learningRate: 1e-2)
    var tasks = 6
    var updatesPerTask = 100
  }

  static let name = "rising-sine"
  static let summary = "regression on a sine whose frequency grows with every task"
  static let presets = [Preset("short", "a second", Configuration(), arms: ["nap"], seeds: 1)]
  static let arms = ["nap", "plain"].map {
    ArmDescription(name: $0, summary: $0, knowsBoundaries: false)
  }
  static let primaryMeasure = PrimaryMeasure(.onlineLoss)
  static let referenceArm = "plain"
  static let hypotheses: [Hypothesis] = []

  static func configuration(_ base: Configuration, arm: String) throws -> Configuration {
    var configuration = base
    if try description(ofArm: arm).name == "plain" { configuration.nap = base.nap.plain }
    return configuration
  }

  static func validate(_ configuration: Configuration) throws -> [String] {
    try configuration.optimizer.validate()
    return []
  }

  static func start(_ configuration: Configuration, seed: Int, device: Device) throws -> Loop {
    try Loop(configuration, seed: UInt64(seed), device)
  }
}

/// The loop. Everything that changes while training is in its state: nothing else may matter.
struct Loop: TrainingRun {
  let configuration: RisingSine.Configuration
  let draws: Generator
  var learner: Learner
  var updates = 0
  var lossSum = 0.0
  var totalUpdates: Int { configuration.tasks * configuration.updatesPerTask }

  init(_ configuration: RisingSine.Configuration, seed: UInt64, _ device: Device) throws {
    self.configuration = configuration
    draws = Generator(seed: seed).split("inputs")
    learner = try Learner(
      inputShape: [1], seed: seed, nap: configuration.nap, optimizer: configuration.optimizer,
      device: device
    ) { generator in
      Sequential.mlp(
        inputFeatures: 1, hidden: [64, 64], classes: 1,
        source: ParameterSource(generator: generator, device: device))
    }
  }

  mutating func next() throws -> TrainingEvent? {
    guard updates < totalUpdates else { return nil }
    let task = updates / configuration.updatesPerTask
    let x_B1 = Tensor.uniform([64, 1], generator: draws) * 2 - 1
    let loss = Loss.meanSquaredError(
      learner.trainingOutputs(x_B1), (x_B1 * Double(task + 1)).sine())
    try learner.step(loss)
    updates += 1
    lossSum += loss.item
    guard updates % configuration.updatesPerTask == 0 else {
      return TrainingEvent(updates: updates, task: task)
    }
    let mean = lossSum / Double(configuration.updatesPerTask)
    lossSum = 0
    let measured = MetricValue(.onlineLoss, task: task, updates: updates, value: mean)
    return TrainingEvent(updates: updates, task: task, endsTask: true, measurements: [measured])
  }

  func save(into state: inout State) throws {
    try learner.save(into: &state)
    state.add("draws", [("state", draws.state)])
    try state.add("updates", updates)
    try state.add("lossSum", lossSum)
  }

  mutating func restore(_ state: State) throws {
    try learner.restore(state)
    try draws.restore(state.part("draws").tensor("state"))
    updates = try state.value("updates")
    learner.position = .init(update: updates, updateInTask: updates)
    lossSum = try state.value("lossSum")
  }
}

Machine.threadCount = 1  // what is quickest for networks this small
let folder = FileManager.default.temporaryDirectory.appending(path: "rising-sine-\(UUID())")
defer { try? FileManager.default.removeItem(at: folder) }
let store = try Store.open(at: folder)
let configuration = try RisingSine.configuration(RisingSine.presets[0].configuration, arm: "nap")
let request = TrainingSession<RisingSine>.Request(
  preset: "short", arm: "nap", configuration: configuration, seed: 0, device: .cpu)

var whole = try TrainingSession(request, store: store)
while try whole.next() != nil {}
let losses = try store.points(.onlineLoss, of: whole.run).map(\.value)
print("tasks recorded: \(losses.count)")
print("mean loss over the tasks: \(losses.reduce(0, +) / Double(losses.count))")
// The same again, stopped in the middle of a task; `interrupt` saves, as Ctrl-C does in `nap train`.
var stopped = try TrainingSession(request, store: store)
while let event = try stopped.next(), event.updates < 270 {}
try stopped.interrupt()
var resumed = try TrainingSession<RisingSine>(
  resuming: store.run(stopped.run), device: .cpu, store: store)
print("resumed at update: \(resumed.resumedAt)")
while try resumed.next() != nil {}

let ends = try [whole, resumed].map { try Checkpoint(reading: $0.checkpointURL).snapshot }
let same = zip(ends[0].tensors, ends[1].tensors).filter { $0.0.tensor.isIdentical(to: $0.1.tensor) }
print("tensors that differ after resuming: \(ends[0].tensors.count - same.count)")
