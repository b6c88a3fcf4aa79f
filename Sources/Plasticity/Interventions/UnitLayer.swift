import Networks
import Torch

/// The hidden units of one layer: what makes them and what reads them.
///
/// Found in a sequence of known layers. Units whose reader is not known, such as those that feed a
/// residual block, are left out; output units are never among them. Units in front of an injected head
/// are read by each of its copies; those inside it are left out.
struct UnitLayer {
  /// The weight and bias that compute the units' pre-activations; axis 0 is the unit.
  let producer: any WeightedLayer
  /// Gains and shifts that belong to single units, in front of the nonlinearity.
  let affine: [Parameter]
  /// The nonlinearity's place among the leaves.
  let activationIndex: Int
  /// Features of the nonlinearity for each unit.
  let featureFactor: Int
  /// What reads the units; several for an injected head, of one shape.
  let consumers: [any WeightedLayer]
  /// Inputs of a consumer for each feature: the positions of an image that was flattened.
  let spread: Int

  /// The number of units.
  var count: Int { producer.outputFeatureCount }

  /// The units' axis in an output of the nonlinearity.
  func axis(of output: Tensor) -> Int { output.dimensionCount + producer.outputFeatureAxis }

  /// Combines what was measured of each feature, (F · factor), into one number per unit.
  func perUnit(_ perFeature: Tensor) -> Tensor {
    featureFactor == 1
      ? perFeature : perFeature.reshaped(to: [featureFactor, count]).mean(axes: [0])
  }

  /// Combines what was measured of each input of a consumer into a sum for each unit.
  func sumPerUnit(_ perInput: Tensor) -> Tensor {
    perInput.reshaped(to: [featureFactor, count, spread]).sum(axes: [0, 2])
  }

  /// One element per input of a consumer, from one per unit.
  func perInput(_ perUnit: Tensor) -> Tensor {
    perUnit.reshaped(to: [1, count, 1]).expanded(to: [featureFactor, count, spread])
      .reshaped(to: [-1])
  }
}

/// The units of a network's leaves, in the order in which they run.
struct UnitLayers {
  private let network: Sequential
  /// One entry for each layer of hidden units.
  let layers: [UnitLayer]

  init(_ network: Sequential) {
    self.network = network
    var found: [UnitLayer] = []
    var producer: (any WeightedLayer)?
    var affine: [Parameter] = []
    var activation: (index: Int, factor: Int)?
    var branch: [Int] = []
    for (index, leaf) in network.leaves.enumerated() {
      // What a branch gives is joined with others: its last units have no reader of their own.
      if leaf.branch != branch { producer = nil }
      branch = leaf.branch
      switch leaf.layer {
      case let weighted as any WeightedLayer:
        if let producer, let activation,
          let layer = Self.units(producer, affine, activation, consumers: [weighted])
        {
          found.append(layer)
        }
        producer = weighted.isOutput ? nil : weighted
        affine = []
        activation = nil
      case let norm as any FeatureNormalization:
        affine += [norm.scale, norm.offset].compactMap { $0 }
      case let norm as BatchNorm2D: affine += [norm.scale, norm.offset]
      case let norm as GroupNorm: affine += [norm.scale, norm.offset].compactMap { $0 }
      case let layer as any Activation:
        // A second nonlinearity mixes nothing between units, but which one counts is not known.
        if activation == nil { activation = (index, layer.featureFactor) } else { producer = nil }
      case let head as InjectedHead:
        let readers = [head.original, head.learning, head.frozen].compactMap {
          $0.elements.first?.layer as? any WeightedLayer
        }
        if let producer, let activation, readers.count == 3,
          let layer = Self.units(producer, affine, activation, consumers: readers)
        {
          found.append(layer)
        }
        producer = nil
      case is any FeaturePreservingLayer: break
      default: producer = nil
      }
    }
    layers = found
  }

  private static func units(
    _ producer: any WeightedLayer, _ affine: [Parameter], _ activation: (index: Int, factor: Int),
    consumers: [any WeightedLayer]
  ) -> UnitLayer? {
    let count = producer.outputFeatureCount
    guard let consumer = consumers.first else { return nil }
    let inputs = consumer.weight.value.shape[1]
    let features = count * activation.factor
    // A grouped convolution reads fewer inputs than there are features: its units cannot be told apart.
    guard inputs > 0, inputs % features == 0 else { return nil }
    if consumer.outputFeatureAxis != -1, inputs != features { return nil }
    return UnitLayer(
      producer: producer, affine: affine.filter { $0.value.shape == [count] },
      activationIndex: activation.index, featureFactor: activation.factor, consumers: consumers,
      spread: inputs / features)
  }

  /// The output of the nonlinearity of each layer of units, in order, for inputs (B, …).
  func activations(_ inputs: Tensor) -> [Tensor] {
    let indices = Set(layers.map(\.activationIndex))
    guard !indices.isEmpty else { return [] }
    return withoutGradients {
      var outputs: [Tensor] = []
      var index = 0
      _ = network.traced(inputs) { _, _, output in
        if indices.contains(index) { outputs.append(output) }
        index += 1
      }
      return outputs
    }
  }
}
