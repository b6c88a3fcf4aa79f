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
  /// Whether each step reads what the one before gave: there are no branches.
  let isChain: Bool
  private let result: Tensor

  /// Runs the layers one by one, without fused kernels, so that second derivatives exist.
  init(_ network: Sequential, _ input: Tensor) {
    var found: [Step] = []
    var isChain = true
    result = FusedKernels.disabled {
      network.traced(input) { leaf, input, output in
        found.append(Step(name: leaf.name, layer: leaf.layer, input: input, output: output))
        isChain = isChain && leaf.branch.isEmpty
      }
    }
    steps = found
    self.isChain = isChain
  }

  /// What the network gives; `nil` for one without layers.
  var output: Tensor? { steps.isEmpty ? nil : result }

  /// The nonlinearities.
  var activations: [Step] { steps.filter { $0.layer is any Activation } }

  /// The places of the layers with trainable parameters.
  var trainablePlaces: [Int] {
    steps.indices.filter { steps[$0].layer.parameters.contains(where: \.isTrainable) }
  }

  /// The features: what the last layer with parameters reads, one row per example.
  var features: Tensor? {
    steps.last { !$0.layer.parameters.isEmpty }?.input.detached().flattened(from: 1)
  }
}
