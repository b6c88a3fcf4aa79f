// Add Normalize-and-Project to a network of one's own.
//
// Shows    a network, a learner that normalizes and projects, the training loop, the audit, and the ledger with the
//          effective learning rates of each weight.
// Run      Tools/example Examples/AddNaP.swift
// Prints   the audit of the network before and after, the ledger's first and last entries with and without projection,
//          and the distance of the projected norms from their initial norms.
// Expect   refusals before: 3 ... 3
// Expect   refusals after: 0 ... 0
// Expect   exactly invariant: 3 ... 3
// Expect   largest drift of a projected norm: 0 ... 1e-5
// Expect   effective rate left without projection: 0 ... 0.8
// Expect   effective rate left with projection: 0.9999 ... 1.0001
//
// To use it, copy this file to Sources/YOURS/main.swift; it needs the products Torch, Networks, NormalizeAndProject
// and Training.

import Networks
import NormalizeAndProject
import Torch
import Training

/// The network as one would write it anyway: any list of layers, here one convolution and two dense layers.
func ownNetwork(_ random: Generator) -> Sequential {
  func source(_ name: String) -> Generator { random.split(name) }
  return Sequential([
    .init(
      "convolution",
      Convolution2D(
        inputChannels: 1, outputChannels: 8, kernel: 3, padding: 1, generator: source("convolution")
      )),
    .init("relu0", ReLU()),
    .init("flatten", Flatten()),
    .init("hidden0", Linear(inputFeatures: 512, outputFeatures: 64, generator: source("hidden0"))),
    .init("relu1", ReLU()),
    .init("hidden1", Linear(inputFeatures: 64, outputFeatures: 64, generator: source("hidden1"))),
    .init("relu2", ReLU()),
    .init(
      "output",
      Linear(inputFeatures: 64, outputFeatures: 4, isOutput: true, generator: source("output"))),
  ])
}

/// Trains one arm on 256 images of 8 x 8 with labels by chance. N images, 1 channel, H rows, W columns.
///
/// Returns how much of the hidden weights' effective rate is left at the end, and how far projected norms are off.
func train(_ nap: NaP, _ random: Generator) throws -> (rateLeft: Double, drift: Double) {
  let images_N1HW = Tensor.normal([256, 1, 8, 8], generator: random.split("images"))
  let labels_N = Tensor.integers(from: 0, to: 4, [256], generator: random.split("labels"))

  // 1. A learner inserts a normalization before every nonlinearity, and records the target norms of the projection.
  var learner = try Learner(
    inputShape: [1, 8, 8], seed: 1, nap: nap, optimizer: .init(learningRate: 1e-2),
    build: ownNetwork)
  // The ledger declares rates of the weights that are scale-invariant.
  var rates: [Double] = []
  learner.recorder = RateRecorder(
    learner.ledger(over: images_N1HW[0..<4]), everyUpdates: 300
  ) { _, rows in
    rates.append(rows.compactMap(\.declared.value).reduce(0, +))
  }
  for _ in 0..<301 {
    // 2. One step: gradients, optimizer, projection.
    try learner.step(Loss.crossEntropy(learner.trainingOutputs(images_N1HW), labels_N))
  }
  let drift = learner.projection.initialNorms.map { name, norm in
    abs((learner.parameters.first { $0.name == name }?.parameter.norm ?? 0) / norm - 1)
  }
  return (rates[1] / rates[0], drift.max() ?? 0)
}

// 3. Ask whether the network is what the method needs. Before the insertion it is not:
Machine.threadCount = 1  // what is quickest for networks this small
let random = Generator(seed: 1)
let plain = ownNetwork(random.split("weights"))
let probes = Tensor.normal([8, 1, 8, 8], generator: random.split("probes"))
let before = try audit(plain, input: probes)
print("before\n\(before)\n")
let after = try audit(NaP.both.normalized(plain, inputShape: [1, 8, 8]), input: probes)
print("after\n\(after)\n")
print("refusals before: \(before.refusals.count)")
print("refusals after: \(after.refusals.count)")
print("exactly invariant: \(after.rows.filter { $0.isProjected && $0.verdict == .exact }.count)")

// In a normalized network the norms grow, and the learning rate that the weights feel decays. The projection keeps it.
let norm = try train(.normOnly, random)
let both = try train(.both, random)
print("effective rate left without projection: \(norm.rateLeft)")
print("effective rate left with projection: \(both.rateLeft)")
print("largest drift of a projected norm: \(both.drift)")
