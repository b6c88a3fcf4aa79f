import Networks
import NormalizeAndProject
import Torch

Machine.threadCount = 1  // what is quickest for networks this small

// Which quarter of the plane is a point in? N points; two hidden layers of 32.
let random = Generator(seed: 1)
let points_N2 = Tensor.normal([512, 2], generator: random.split("points"))
let positive_N2 = points_N2.greater(than: 0).converted(to: .int64)
let right_N = positive_N2.selected(axis: 1, at: 0), above_N = positive_N2.selected(axis: 1, at: 1)
let quarters_N = right_N + above_N + above_N
let plain = Sequential.mlp(
  inputFeatures: 2, hidden: [32, 32], classes: 4,
  source: ParameterSource(generator: random.split("weights")))

let nap = NaP.both
let network = try nap.normalized(plain, inputShape: [2])
let parameters = network.trainableParameters
let projection = try ProjectionState(nap, parameters: parameters)
var optimizer = Adam(for: parameters.map(\.parameter))

for update in 0..<300 {
  let loss = Loss.crossEntropy(network(points_N2), quarters_N)
  let slopes = gradients(of: loss, withRespectTo: parameters.map(\.parameter.value))
  try optimizer.step(
    UpdateRequest(
      parameters: parameters.map(\.parameter), gradients: slopes, learningRate: 1e-2,
      radii: projection.radii(for: parameters, update: update)))
  try projection.apply(update: update, learningRate: 1e-2, restoredByOptimizer: true)
}

print("accuracy: \(Accuracy.fraction(network(points_N2), quarters_N))")
print(try audit(network, input: points_N2[0..<16]))
