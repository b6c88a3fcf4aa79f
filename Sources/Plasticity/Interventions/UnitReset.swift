import Networks
import Torch

/// Gives units a new start: incoming weights drawn again, bias and outgoing weights zero, gains 1 and
/// shifts 0, the optimizer's tensors of all of these zero.
///
/// The number of optimizer steps stays, as it is one for all parameters.
struct UnitReset {
  private let placeByParameter: [ObjectIdentifier: Int]

  init(_ parameters: [NamedParameter]) {
    var places: [ObjectIdentifier: Int] = [:]
    for (index, parameter) in parameters.enumerated() {
      places[ObjectIdentifier(parameter.parameter)] = index
    }
    placeByParameter = places
  }

  /// Draws the incoming side of the units of `layer` that the mask (units) marks.
  ///
  /// - Parameter fresh: the layer's weight as drawn again, of its shape.
  func renew(
    _ layer: UnitLayer, where mask: Tensor, fresh: Tensor, _ moment: TrainingMoment
  ) {
    withoutGradients {
      let weight = layer.producer.weight
      let rows = Self.shaped(mask, axis: 0, like: weight.value)
      weight.assign(fresh.choosing(where: rows, otherwise: weight.value.detached()))
      clearMoments(of: weight, where: rows, moment)
      for parameter in [layer.producer.bias].compactMap({ $0 }) + layer.affine {
        let start: Scalar = parameter.role == .scale ? 1 : 0
        parameter.assign(parameter.value.detached().filled(where: mask, with: start))
        clearMoments(of: parameter, where: mask, moment)
      }
    }
  }

  /// Zeroes the outgoing weights of the units of `layer` that the mask (units) marks.
  func cutOff(_ layer: UnitLayer, where mask: Tensor, _ moment: TrainingMoment) {
    withoutGradients {
      for outgoing in layer.consumers.map(\.weight) {
        let columns = Self.shaped(layer.perInput(mask), axis: 1, like: outgoing.value)
        outgoing.assign(outgoing.value.detached().filled(where: columns, with: 0))
        clearMoments(of: outgoing, where: columns, moment)
      }
    }
  }

  private func clearMoments(of parameter: Parameter, where mask: Tensor, _ moment: TrainingMoment) {
    guard let place = placeByParameter[ObjectIdentifier(parameter)] else { return }
    for tensor in moment.optimizerTensors(at: place) {
      _ = tensor.copyInPlace(from: tensor.filled(where: mask, with: 0))
    }
  }

  /// A vector as a tensor that spreads along every axis but `axis`.
  static func shaped(_ vector: Tensor, axis: Int, like tensor: Tensor) -> Tensor {
    var shape = [Int](repeating: 1, count: tensor.dimensionCount)
    shape[axis] = -1
    return vector.reshaped(to: shape)
  }
}

extension HookSite {
  /// Weights of the units of each layer as drawn again from a generator of that name.
  func freshWeights(_ name: String, for method: String) throws -> [Tensor] {
    let fresh = try InterventionError.sequential(
      redrawn(generator.split(name)), for: method)
    return UnitLayers(fresh).layers.map { $0.producer.weight.value.detached() }
  }
}
