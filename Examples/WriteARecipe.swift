// Write a recipe: an experiment of one's own that is recorded, saved and resumed.
//
// Shows    a recipe in a few lines, and `TrainingSession`, which writes series and checkpoints of its runs.
// Run      Tools/example Examples/WriteARecipe.swift
// Prints   the mean loss of the tasks of a run, and whether a run that was stopped and resumed ends with the same bits.
// Expect   tasks recorded: 6 ... 6
// Expect   mean loss over the tasks: 0 ... 0.3
// Expect   resumed at update: 270 ... 270
// Expect   tensors that differ after resuming: 0 ... 0
//
// To use it, copy this file to Sources/YOURS/main.swift; it needs the products Torch, Networks, RunStore and
// Experiments. A program of one's own with all commands of `nap` is one line more: docs/extending.md.

import Experiments
import Foundation
import Networks
import RunStore
import Torch

/// Follows a sine whose frequency grows with every task.
enum RisingSine: TaskRecipe {
  static let name = "rising-sine"
  static let summary = "regression on a sine whose frequency grows with every task"
  static let loss = Loss.meanSquaredError
  static let presets = [
    Preset(
      "short", "a second",
      TaskConfiguration(
        network: .mlp([64, 64]), optimizer: .init(learningRate: 1e-2), tasks: 6, updatesPerTask: 100
      ), arms: ["norm", "nap"], seeds: 1)
  ]

  static func shape(_ settings: NoSettings) -> (inputs: [Int], outputs: Int) { ([1], 1) }

  /// Depends on its arguments alone: that is what makes a run go on to the same bits.
  static func batch(_ moment: TaskMoment, _ configuration: Configuration) -> TaskBatch {
    let x_B1 = Tensor.uniform([configuration.batchSize, 1], generator: moment.draws) * 2 - 1
    return TaskBatch(inputs: x_B1, targets: (x_B1 * Double(moment.task + 1)).sine())
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
