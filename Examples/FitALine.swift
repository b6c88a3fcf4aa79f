// Fit a line: tensors, a layer, an optimizer and the training loop.
//
// Shows    what one update consists of: outputs, loss, gradients, step.
// Run      Tools/example Examples/FitALine.swift
// Prints   the loss now and then, then the slope and the offset that were found.
// Expect   slope: 1.98 ... 2.02
// Expect   offset: -1.02 ... -0.98
//
// To use it, copy this file to Sources/YOURS/main.swift; it needs the products Torch and Networks.

import Networks
import Torch

// One generator for the program. Every user of random numbers splits its own by name, so adding one changes no other.
let random = Generator(seed: 1)

// 256 points of y = 2x - 1 with a little noise. N points, 1 feature.
let x_N1 = Tensor.normal([256, 1], generator: random.split("inputs"))
let noise_N1 = Tensor.normal([256, 1], generator: random.split("noise")) * 0.05
let y_N1 = x_N1 * 2 - 1 + noise_N1

// The line is a linear layer with one input and one output.
let line = Linear(
  inputFeatures: 1, outputFeatures: 1, isOutput: true, generator: random.split("weights"))
var optimizer = SGD(for: line.parameters, .init { $0.momentum = 0.9 })

for update in 0..<200 {
  let loss = Loss.meanSquaredError(line(x_N1), y_N1)
  let slopes = gradients(of: loss, withRespectTo: line.parameters.map(\.value))
  try optimizer.step(
    UpdateRequest(parameters: line.parameters, gradients: slopes, learningRate: 0.05))
  if update % 40 == 0 { print("update \(update), loss \(loss.item)") }
}

print("slope: \(line.weight.value.item)")
print("offset: \(line.bias?.value.item ?? 0)")
