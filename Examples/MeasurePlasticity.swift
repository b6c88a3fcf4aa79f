// Measure plasticity: does a network that has learned many tasks still learn the next one as well as a fresh one?
//
// Shows    diagnostics over continual tasks (accuracy while learning, dead units, Jacobian norm, weight norm) and the
//          decisive comparison: the continued network and a fresh one learn the same task.
// Run      Tools/example Examples/MeasurePlasticity.swift
// Prints   a row for every tenth task, then what both networks reach on one more task.
// Expect   accuracy on the first task: 0.4 ... 1
// Expect   fresh on one more task: 0.4 ... 1
// Expect   lost by going on: 0.2 ... 1
//
// To use it, copy this file to Sources/YOURS/main.swift; it needs the products Torch, Networks, Plasticity and
// Datasets.

import Datasets
import Networks
import Plasticity
import Torch

/// A network with its optimizer: what is carried from task to task.
struct Learner {
  let images: ImageTensors
  let network: Sequential
  var optimizer: Adam

  init(_ images: ImageTensors, _ random: Generator) {
    self.images = images
    network = .mlp(
      inputFeatures: images.shape.elementCount, hidden: [64, 64, 64], classes: 10,
      source: ParameterSource(generator: random))
    optimizer = Adam(for: network.parameters)
  }

  /// Learns the labels of one task and returns the accuracy while learning: of each batch before its update.
  mutating func learn(_ labels_N: Tensor, batches: inout BatchSampler) throws -> Double {
    let parameters = network.parameters
    var correct = 0
    var count = 0
    for _ in 0..<100 {
      let rows = Tensor(batches.nextBatch().indices)
      let (images_BCHW, labels_B) = (images.images[rows], labels_N[rows])
      let logits_BK = network(images_BCHW)
      correct += Accuracy.correctCount(logits_BK, labels_B).integerItem
      count += labels_B.elementCount
      let loss = Loss.crossEntropy(logits_BK, labels_B)
      let slopes = gradients(of: loss, withRespectTo: parameters.map(\.value))
      try optimizer.step(
        UpdateRequest(parameters: parameters, gradients: slopes, learningRate: 3e-3))
    }
    return Double(correct) / Double(count)
  }
}

func padded(_ value: Double) -> String {
  let text = String((value * 1_000).rounded() / 1_000)
  return String(repeating: " ", count: max(0, 14 - text.count)) + text
}

Machine.threadCount = 1  // what is quickest for networks this small

// The same 128 built-in images throughout; a task is a new random label for each. N images, B those of a batch.
let dataset = try ProceduralImages().dataset(.train, count: 128)
let images = try dataset.tensors(averagedTo: (8, 8), scaling: dataset.channelStatistics.scaling)
let probes_BCHW = images.images[0..<64]
let random = Generator(seed: 1)
func labels(_ task: Int, _ random: Generator) -> Tensor {
  Tensor.integers(from: 0, to: 10, [128], generator: random.split("labels of task \(task)"))
}

var continued = Learner(images, random.split("weights"))
var batches = BatchSampler(
  try BatchPlan(exampleCount: images.count, batchSize: 32), seed: 1)

print("task  while learning    dead units      Jacobian        weights")
let taskCount = 50
var first = 0.0
for task in 0..<taskCount {
  let accuracy = try continued.learn(labels(task, random), batches: &batches)
  if task == 0 { first = accuracy }
  guard task % 10 == 0 || task == taskCount - 1 else { continue }
  let dead = DeadUnits.measure(continued.network, probes: probes_BCHW).fraction
  let jacobian = JacobianNorm.measure(
    continued.network, probes: probes_BCHW, generator: random.split("jacobian-\(task)"))
  let norm = Norms(continued.network.parameters.map(\.value)).total
  print(
    "\(task)\t" + [accuracy, dead, jacobian.value, norm].map(padded).joined(separator: " "))
}

// The decision: one more task, with the same labels and the same batches, for both.
var fresh = Learner(images, random.split("fresh weights"))
var sameBatches = batches
let reached = try continued.learn(labels(taskCount, random), batches: &batches)
let reachedFresh = try fresh.learn(labels(taskCount, random), batches: &sameBatches)
print("accuracy on the first task: \(first)")
print("continued on one more task: \(reached)")
print("fresh on one more task: \(reachedFresh)")
print("lost by going on: \(reachedFresh - reached)")
