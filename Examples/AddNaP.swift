// Add Normalize-and-Project to a network of one's own.
//
// Shows    a learner that normalizes and projects, the training loop, the audit, effective learning rates.
// Run      Tools/example Examples/AddNaP.swift
// Prints   the audit of the network before and after, and what the projection keeps.
// Expect   refusals before: 3 ... 3
// Expect   refusals after: 0 ... 0
// Expect   exactly invariant: 3 ... 3
// Expect   effective rate left without projection: 0 ... 0.8
// Expect   effective rate left with projection: 0.9999 ... 1.0001
// Expect   largest drift of a projected norm: 0 ... 1e-5
//
// To use it, copy this file to Sources/YOURS/main.swift; it needs Torch, Networks, NormalizeAndProject and Training.

import Networks
import NormalizeAndProject
import Torch
import Training

/// The network as one would write it anyway: any list of layers, here one convolution and two dense layers.
func ownNetwork(_ random: Generator) -> Sequential {
  let layers: [any Layer] = [
    Convolution2D(
      inputChannels: 1, outputChannels: 8, kernel: 3, padding: 1, generator: random.split("0")),
    ReLU(), Flatten(),
    Linear(inputFeatures: 512, outputFeatures: 64, generator: random.split("1")), ReLU(),
    Linear(inputFeatures: 64, outputFeatures: 64, generator: random.split("2")), ReLU(),
    Linear(inputFeatures: 64, outputFeatures: 4, isOutput: true, generator: random.split("3")),
  ]
  return Sequential(layers)
}

/// Trains on 256 images of 8 x 8 with labels by chance (N images, 1 channel, H rows, W columns): how much of the
/// hidden weights' effective rate is left at the end, and by how much projected norms are off.
func train(_ nap: NaP, _ random: Generator) throws -> (rateLeft: Double, drift: Double) {
  let images_N1HW = Tensor.normal([256, 1, 8, 8], generator: random.split("images"))
  let labels_N = Tensor.integers(from: 0, to: 4, [256], generator: random.split("labels"))
  // A normalization is inserted before every nonlinearity, and the norms are recorded that the projection restores.
  var learner = try Learner(
    inputShape: [1, 8, 8], seed: 1, nap: nap, optimizer: .init(learningRate: 1e-2),
    build: ownNetwork)
  var rates: [Double] = []
  let ledger = learner.ledger(over: images_N1HW[0..<4])
  learner.recorder = RateRecorder(ledger, everyUpdates: 300) { _, rows in
    rates.append(rows.compactMap(\.declared.value).reduce(0, +))
  }
  for _ in 0..<301 {  // gradients, optimizer, projection
    try learner.step(Loss.crossEntropy(learner.trainingOutputs(images_N1HW), labels_N))
  }
  let drift = learner.projection.initialNorms.map { name, norm in
    abs((learner.parameters.first { $0.name == name }?.parameter.norm ?? 0) / norm - 1)
  }
  return (rates[1] / rates[0], drift.max() ?? 0)
}

Machine.threadCount = 1  // what is quickest for networks this small
let random = Generator(seed: 1)
let probes = Tensor.normal([8, 1, 8, 8], generator: random.split("probes"))
let plain = ownNetwork(random.split("weights"))
let before = try audit(plain, input: probes)
let after = try audit(NaP.both.normalized(plain, inputShape: [1, 8, 8]), input: probes)
print("before\n\(before)\n\nafter\n\(after)\n\nrefusals before: \(before.refusals.count)")
print("refusals after: \(after.refusals.count)")
print("exactly invariant: \(after.rows.filter { $0.isProjected && $0.verdict == .exact }.count)")

// In a normalized network the norms grow, and the learning rate that the weights feel decays. The projection keeps it.
let (norm, both) = (try train(.normOnly, random), try train(.both, random))
print("effective rate left without projection: \(norm.rateLeft)")
print("effective rate left with projection: \(both.rateLeft)")
print("largest drift of a projected norm: \(both.drift)")
