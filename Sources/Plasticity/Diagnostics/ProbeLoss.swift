import Networks
import Torch

/// The mean loss over the first probes as a function of coordinates whose Hessian has the eigenvalues of
/// the parameters' own, but for zeros.
///
/// The coordinates are the trainable parameters, and where a linear layer is wide beside the number of
/// examples, those of ``NarrowedLinear`` in its weight's place; a network with branches keeps its own.
struct ProbeLoss {
  /// What the loss is differentiated with respect to.
  let coordinates: [Tensor]
  /// The mean loss, recorded.
  let value: Tensor
  /// Whether the parameters have directions without coordinates, along which the gradient is constant.
  let leavesOutFlatDirections: Bool

  /// Over the first `count` probes.
  ///
  /// - Throws: the reason why there is no loss.
  init(_ subject: DiagnosticSubject, labels: Tensor, count: Int) throws(UndefinedReason) {
    let narrowed = Self.narrowed(
      subject.trace, deltas: try subject.lossDeltas.get(), count: count)
    leavesOutFlatDirections = !narrowed.isEmpty
    let replaced = Set(
      narrowed.keys.flatMap { place in
        (subject.trace.steps[place].layer as? Linear).map { [ObjectIdentifier($0.weight)] } ?? []
      })
    coordinates =
      narrowed.sorted { $0.key < $1.key }.flatMap(\.value.coordinates)
      + subject.parameters.map(\.parameter).filter { !replaced.contains(ObjectIdentifier($0)) }
      .map(\.value)
    value = withGradients {
      FusedKernels.disabled {
        var output = subject.probes[0..<count]
        guard !narrowed.isEmpty else {
          return subject.loss(subject.network(output), labels[0..<count])
        }
        for (place, step) in subject.trace.steps.enumerated() {
          output = narrowed[place].map { $0(output) } ?? step.layer(output)
        }
        return subject.loss(output, labels[0..<count])
      }
    }
  }

  /// Layers of which no other has a parameter, by place.
  private static func narrowed(
    _ trace: NetworkTrace, deltas: [Int: Tensor], count: Int
  ) -> [Int: NarrowedLinear] {
    guard trace.isChain else { return [:] }
    let places = trace.trainablePlaces
    var uses: [ObjectIdentifier: Int] = [:]
    for step in trace.steps {
      for parameter in step.layer.parameters { uses[ObjectIdentifier(parameter), default: 0] += 1 }
    }
    var found: [Int: NarrowedLinear] = [:]
    for place in places {
      let step = trace.steps[place]
      guard step.layer.parameters.allSatisfy({ uses[ObjectIdentifier($0)] == 1 }) else { continue }
      found[place] = withoutGradients {
        NarrowedLinear(step, delta: deltas[place], count: count, isFirst: place == places.first)
      }
    }
    return found
  }
}
