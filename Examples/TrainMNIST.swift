// Train MNIST: a dataset, batches, a small network with Normalize-and-Project, and accuracy on images not seen before.
//
// Shows    reading images from $NAP_DATA, splitting them, training in batches, evaluating.
// Run      Tools/example Examples/TrainMNIST.swift
// Prints   where the images came from, and the accuracy on the validation images after each epoch.
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

// Both parts are scaled by the statistics of the training images alone.
let (trainingImages, validationImages) = try dataset.shuffledParts(0.8, seed: 1)
let scaling = trainingImages.channelStatistics.scaling
let training = try trainingImages.tensors(scaling: scaling)
let validation = try validationImages.tensors(scaling: scaling)

let inputs = dataset.shape.elementCount
var learner = try Learner(inputShape: [inputs], seed: 1, optimizer: .init(learningRate: 1e-3)) {
  Sequential.mlp(
    inputFeatures: inputs, hidden: [128, 128], classes: dataset.classCount,
    source: ParameterSource(generator: $0))
}
for epoch in 1...4 {
  for (images_BCHW, labels_B) in try training.batches(of: 64, seed: UInt64(epoch)) {
    try learner.step(Loss.crossEntropy(learner.trainingOutputs(images_BCHW), labels_B))
  }
  // In batches, so that memory stays small.
  let correct = try validation.batches(of: 500).map { images_BCHW, labels_B in
    withoutGradients { Accuracy.correctCount(learner.network(images_BCHW), labels_B).integerItem }
  }
  print("epoch \(epoch) done")
  print("validation accuracy: \(Double(correct.reduce(0, +)) / Double(validation.count))")
}
