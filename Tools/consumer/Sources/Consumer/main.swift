import Networks
import NormalizeAndProject
import Torch

// Which quarter of the plane is a point in? Any network would do; this one is two hidden layers of 32.
let random = Generator(seed: 1)
let points_N2 = Tensor.normal([512, 2], generator: random.split("points"))
let quarters_N = Tensor(
  points_N2.floats.enumerated().compactMap { index, x in
    index % 2 == 0 ? (x > 0 ? 1 : 0) + (points_N2[index / 2][1].item > 0 ? 2 : 0) : nil
  })
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
