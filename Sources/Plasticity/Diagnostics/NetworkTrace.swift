import Networks
import Torch

/// A forward pass layer by layer, sequences and branches inside it taken apart.
struct NetworkTrace {
  /// One layer with what it was given and what it made of it.
  struct Step {
    let name: String
    let layer: any Layer
    let input: Tensor
    let output: Tensor
  }

  let steps: [Step]
  private let result: Tensor

  /// Runs the layers one by one, without fused kernels, so that second derivatives exist.
  init(_ network: Sequential, _ input: Tensor) {
    var found: [Step] = []
    result = FusedKernels.disabled {
      network.traced(input) { leaf, input, output in
        found.append(Step(name: leaf.name, layer: leaf.layer, input: input, output: output))
      }
    }
    steps = found
  }

  /// What the network gives; `nil` for one without layers.
  var output: Tensor? { steps.isEmpty ? nil : result }

  /// The nonlinearities.
  var activations: [Step] { steps.filter { $0.layer is any Activation } }

  /// The features: what the last layer with parameters reads, one row an example.
  var features: Tensor? {
    steps.last { !$0.layer.parameters.isEmpty }?.input.detached().flattened(from: 1)
  }
}
