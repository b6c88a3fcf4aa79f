import Networks
import NormalizeAndProject
import Torch
import Training

Machine.threadCount = 1  // what is quickest for networks this small

// Which quarter of the plane is a point in? N points; two hidden layers of 32.
let random = Generator(seed: 1)
let points_N2 = Tensor.normal([512, 2], generator: random.split("points"))
let positive_N2 = points_N2.greater(than: 0).converted(to: .int64)
let right_N = positive_N2.selected(axis: 1, at: 0), above_N = positive_N2.selected(axis: 1, at: 1)
let quarters_N = right_N + above_N + above_N

var learner = try Learner(inputShape: [2], seed: 1, optimizer: .init(learningRate: 1e-2)) {
  Sequential.mlp(
    inputFeatures: 2, hidden: [32, 32], classes: 4, source: ParameterSource(generator: $0))
}
let network = learner.network
for _ in 0..<300 {
  try learner.step(Loss.crossEntropy(learner.trainingOutputs(points_N2), quarters_N))
}

print("accuracy: \(Accuracy.fraction(network(points_N2), quarters_N))")
print(try audit(network, input: points_N2[0..<16]))
