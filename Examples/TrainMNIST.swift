// Train MNIST: a dataset, batches, a small network with Normalize-and-Project, and accuracy on images not seen before.
//
// Shows    reading a dataset from $NAP_DATA, splitting it, drawing batches, training, evaluating.
// Run      Tools/example Examples/TrainMNIST.swift
// Prints   where the images came from, a line per epoch, and the accuracy on the validation images.
// Expect   validation accuracy: 0.9 ... 1
//
// It uses the 10,000 images of MNIST's test set, which downloads quickly (nap data get mnist): 8,000 to train on, and
// 2,000 to validate. So its accuracy is not comparable with usual results on MNIST. Without the files it says so and
// uses the built-in procedural images.
//
// To use it, copy this file to Sources/YOURS/main.swift; it needs the products Torch, Networks, Datasets and Training.

import Datasets
import Networks
import Torch
import Training

Machine.threadCount = 1  // what is quickest for networks this small

func images() throws -> ImageDataset {
  do {
    return try DatasetRegistry.mnist.images(.test, from: DataFolder())
  } catch let error as DatasetError {
    print("no MNIST here (\(error)); using built-in procedural images instead")
    return try ProceduralImages().dataset(.train, count: 2_000)
  }
}

let dataset = try images()
print("images: \(dataset.count) of \(dataset.shape) from \(dataset.source)")

// A shuffle that is the same in every run, then the first four fifths to train on.
var shuffle = SeededGenerator(seed: 1).split("split")
let order = shuffle.permutation(of: dataset.count)
let trainCount = dataset.count * 4 / 5
let train = try dataset.selecting(Array(order[..<trainCount]))
let validation = try dataset.selecting(Array(order[trainCount...]))

// Both are scaled by the statistics of the training images alone.
let scaling = train.channelStatistics.scaling
let trainTensors = try train.tensors(scaling: scaling)
let validationTensors = try validation.tensors(scaling: scaling)

var learner = try Learner(
  inputShape: [dataset.shape.elementCount], seed: 1, optimizer: .init(learningRate: 1e-3)
) { generator in
  Sequential.mlp(
    inputFeatures: dataset.shape.elementCount, hidden: [128, 128], classes: dataset.classCount,
    source: ParameterSource(generator: generator))
}
print("network: \(learner.network.parameterCount) parameters")

/// The share of images whose largest logit is the label's, in batches so that memory stays small.
func accuracy(_ network: Sequential, _ images: ImageTensors) throws -> Double {
  let plan = try BatchPlan(exampleCount: images.count, batchSize: 500, order: .sequential)
  var sampler = BatchSampler(plan, seed: 0)
  var correct = 0
  withoutGradients {
    for _ in 0..<plan.batchesPerEpoch {
      let (images_BCHW, labels_B) = images.batch(sampler.nextBatch())
      correct += Accuracy.correctCount(network(images_BCHW), labels_B).integerItem
    }
  }
  return Double(correct) / Double(images.count)
}

let plan = try BatchPlan(exampleCount: trainTensors.count, batchSize: 64)
var batches = BatchSampler(plan, seed: 1)

for epoch in 1...4 {
  var lossSum = 0.0
  for _ in 0..<plan.batchesPerEpoch {
    let (images_BCHW, labels_B) = trainTensors.batch(batches.nextBatch())
    let loss = Loss.crossEntropy(learner.trainingOutputs(images_BCHW), labels_B)
    try learner.step(loss)
    lossSum += loss.item
  }
  let loss = lossSum / Double(plan.batchesPerEpoch)
  let share = try accuracy(learner.network, validationTensors)
  print("epoch \(epoch): training loss \(loss), accuracy \(share)")
}

print("validation accuracy: \(try accuracy(learner.network, validationTensors))")
