import Networks
import Torch

/// A forward pass layer by layer, sequences inside the sequence taken apart.
struct NetworkTrace {
  /// One layer with what it was given and what it made of it.
  struct Step {
    let name: String
    let layer: any Layer
    let input: Tensor
    let output: Tensor
  }

  let steps: [Step]

  /// Runs the layers one by one, without fused kernels, so that second derivatives exist.
  init(_ network: Sequential, _ input: Tensor) {
    steps = FusedKernels.disabled {
      var value = input
      return NetworkTrace.leaves(of: network).map { name, layer in
        let before = value
        value = layer(value)
        return Step(name: name, layer: layer, input: before, output: value)
      }
    }
  }

  /// What the network gives.
  var output: Tensor? { steps.last?.output }

  /// The nonlinearities.
  var activations: [Step] { steps.filter { $0.layer is any Activation } }

  /// The features: what the last layer with parameters reads, one row an example.
  var features: Tensor? {
    steps.last { !$0.layer.parameters.isEmpty }?.input.detached().flattened(from: 1)
  }

  /// Layers that are no sequences, under the names that checkpoints give them.
  static func leaves(
    of network: Sequential, prefix: String = ""
  ) -> [(name: String, layer: any Layer)] {
    network.elements.flatMap { element -> [(name: String, layer: any Layer)] in
      let name = prefix + element.name
      guard let inner = element.layer as? Sequential else { return [(name, element.layer)] }
      return leaves(of: inner, prefix: name + ".")
    }
  }
}
