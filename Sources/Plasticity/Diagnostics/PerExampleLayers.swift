import Networks
import Torch

/// The layers of a trace that hold trainable parameters, each with its kernel.
struct PerExampleLayers {
  let kernels: [Int: PerExampleKernel]
  let steps: [NetworkTrace.Step]
  /// The places of the layers in the trace, in order.
  let places: [Int]

  /// `nil` when a layer's gradients do not come apart, or a parameter belongs to two layers.
  init?(_ trace: NetworkTrace) {
    var kernels: [Int: PerExampleKernel] = [:]
    var seen: Set<ObjectIdentifier> = []
    (steps, places) = (trace.steps, trace.trainablePlaces)
    for place in places {
      let step = trace.steps[place]
      for parameter in step.layer.parameters
      where parameter.isTrainable && !seen.insert(ObjectIdentifier(parameter)).inserted {
        return nil
      }
      guard let kernel = withoutGradients({ PerExampleKernel(step) }) else { return nil }
      kernels[place] = kernel
    }
    self.kernels = kernels
  }

  /// Inner products over one layer from gradients (B, K, …) of its output; `nil` where none is.
  func gram(_ delta_BK: Tensor, at place: Int) -> Tensor? { kernels[place]?.gram(delta_BK) }

  /// Inner products over all layers, from gradients (B, …) by place; `nil` without any.
  func gram(_ deltas: [Int: Tensor]) -> Tensor? {
    places.reduce(nil as Tensor?) { total, place in
      guard let delta = deltas[place], let part = gram(delta.unsqueezed(axis: 1), at: place) else {
        return total
      }
      return total.map { $0 + part } ?? part
    }
  }
}
