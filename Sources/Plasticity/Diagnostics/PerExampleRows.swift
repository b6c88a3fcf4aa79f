import Networks
import Torch

/// The general way: a backward pass per example.
struct PerExampleRows {
  private let subject: DiagnosticSubject
  private let values: [Tensor]

  init(_ subject: DiagnosticSubject, outputCount: Int) throws(UndefinedReason) {
    self.subject = subject
    values = subject.parameters.map(\.parameter.value)
    let size = subject.parameters.reduce(0) { $0 + $1.parameter.value.elementCount }
    let count = subject.probes.shape[0]
    guard count * size <= OutputKernel.elementLimit else {
      throw .tooLarge(
        "\(count) gradients of \(size) parameters, whose layers do not come apart by example")
    }
  }

  /// Inner products of `scalar`'s gradients, and the squares of those of the inputs.
  func gram(wantsInputs: Bool, _ scalar: (Tensor) -> Tensor) -> (gram: Tensor, squares: Double) {
    gram(wantsInputs: wantsInputs) { output, _ in scalar(output) }
  }

  /// As above; `scalar` is told which example.
  func gram(
    wantsInputs: Bool, _ scalar: (Tensor, Int) -> Tensor
  ) -> (gram: Tensor, squares: Double) {
    var squares = 0.0
    let rows = (0..<subject.probes.shape[0]).map { example -> Tensor in
      let input = subject.inputs.detached()[example..<example + 1]
      let leaf = wantsInputs ? input.requiringGradient() : input
      let output = withGradients {
        scalar(FusedKernels.disabled { subject.network(leaf) }, example)
      }
      let seed = withoutGradients { Tensor.onesLike(output.detached()) }
      let found = gradients(
        of: [output], seeds: [seed], withRespectTo: values + (wantsInputs ? [leaf] : []))
      return withoutGradients {
        if wantsInputs, case let inputs?? = found.last {
          squares += inputs.vectorNorm(dtype: .float64).squared().item
        }
        return Tensor.concatenated(
          zip(found, values).map { gradient, value in
            (gradient ?? Tensor.zerosLike(value.detached())).reshaped(to: [-1])
              .converted(to: .float64)
          })
      }
    }
    let matrix_NP = withoutGradients { Tensor.stacked(rows) }
    return (withoutGradients { matrix_NP.matrixProduct(matrix_NP.transposed()) }, squares)
  }
}
