import Networks
import Torch

/// Products of a loss's Hessian with vectors, a tensor a coordinate of ``ProbeLoss``.
struct HessianProduct {
  private let values: [Tensor]
  private let recorded: [Tensor]

  /// Records the gradient of the loss.
  init(_ loss: ProbeLoss) {
    let values = loss.coordinates
    let seed = withoutGradients { Tensor.onesLike(loss.value.detached()) }
    let found = withGradients {
      gradients(of: [loss.value], seeds: [seed], withRespectTo: values, createGraph: true)
    }
    // A parameter that the loss does not reach has a zero gradient, and so a zero in every product.
    self.values = values
    recorded = zip(found, values).map { gradient, value in
      gradient ?? withoutGradients { Tensor.zerosLike(value.detached()) }
    }
  }

  /// A vector of norm 1: the gradient with a tenth of random direction.
  func start(_ generator: Generator) -> [Tensor] {
    withoutGradients {
      let random = values.map { value in
        Tensor.normal(value.shape, generator: generator, dtype: .float32)
          .moved(to: value.device, dtype: value.dtype)
      }
      let (size, scale) = (Self.norm(recorded), Self.norm(random))
      let mixed = zip(recorded, random).map { gradient, noise in
        let part = noise * (0.1 / scale)
        return size > 0 && size.isFinite ? gradient.detached() / size + part : part
      }
      let norm = Self.norm(mixed)
      return mixed.map { $0 / norm }
    }
  }

  /// H v.
  func callAsFunction(_ vector: [Tensor]) -> [Tensor] {
    let reached = recorded.indices.filter { recorded[$0].requiresGradient }
    guard !reached.isEmpty else { return withoutGradients { vector.map { Tensor.zerosLike($0) } } }
    let products = gradients(
      of: reached.map { recorded[$0] }, seeds: reached.map { vector[$0] },
      withRespectTo: values, retainGraph: true)
    return withoutGradients {
      zip(products, vector).map { product, vector in product ?? Tensor.zerosLike(vector) }
    }
  }

  /// ⟨a, b⟩, accumulated in float64.
  static func dot(_ left: [Tensor], _ right: [Tensor]) -> Double {
    withoutGradients {
      zip(left, right).reduce(0.0) { $0 + ($1.0 * $1.1).sum(dtype: .float64).item }
    }
  }

  /// ‖a‖, accumulated in float64.
  static func norm(_ vector: [Tensor]) -> Double { Norms(vector).total }
}
