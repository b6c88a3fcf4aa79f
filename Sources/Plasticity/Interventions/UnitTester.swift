import Networks
import Torch

/// ``ContinualBackpropagation`` at work: utilities and ages, and the replacing.
struct UnitTester: Hook {
  let configuration: ContinualBackpropagation
  var memory = Memory()
  private(set) var states: [UnitState] = []
  private(set) var site: HookSite?
  private(set) var units: UnitLayers?
  private(set) var activations: [Tensor] = []
  /// The ages of ``states`` as the host counts them, too; empty before they are read first.
  private(set) var ages: [[Float]] = []

  struct Memory: Codable, Sendable, Equatable {
    /// For each layer, units that are due to be replaced, with the fraction.
    var dueCounts: [Double] = []
    /// Units replaced so far.
    var replacedCount = 0
  }

  /// What is known of the units of one layer, each (units).
  struct UnitState {
    let utility: Tensor
    let age: Tensor
    /// Running mean of the activation of each feature, (units · factor).
    let mean: Tensor
  }

  var name: String { ContinualBackpropagation.name }
  var changesParameters: Bool { true }

  var savedTensors: [(name: String, tensor: Tensor)] {
    states.enumerated().flatMap { index, state in
      [
        ("utility\(index)", state.utility), ("age\(index)", state.age),
        ("mean\(index)", state.mean),
      ]
    }
  }

  mutating func begin(_ site: HookSite) throws {
    self.site = site
    let units = UnitLayers(try InterventionError.sequential(site.network, for: name))
    guard !units.layers.isEmpty else { throw InterventionError.noUnits(name) }
    self.units = units
    states = units.layers.map { layer in
      let weight = layer.producer.weight.value
      func zeros(_ count: Int) -> Tensor {
        Tensor.zeros([count], dtype: weight.dtype, device: weight.device)
      }
      return UnitState(
        utility: zeros(layer.count), age: zeros(layer.count),
        mean: zeros(layer.count * layer.featureFactor))
    }
    memory.dueCounts = units.layers.map { _ in 0 }
  }

  /// Keeps the activations of the weights that gave the gradients.
  mutating func afterGradients(_ moment: inout TrainingMoment) throws {
    guard let inputs = moment.inputs, let units else { return }
    activations = units.activations(inputs)
  }

  mutating func afterUpdate(_ moment: inout TrainingMoment) throws {
    guard let units, activations.count == units.layers.count else { return }
    // Types that cannot count as far as a Float are counted by their own rounding.
    if ages.isEmpty || states[0].age.dtype.byteCount < 4 { ages = states.map { $0.age.floats } }
    for (index, layer) in units.layers.enumerated() {
      withoutGradients { updateUtility(of: layer, states[index], activations[index]) }
      for unit in ages[index].indices { ages[index][unit] += 1 }
    }
    activations = []
    var masks: [Int: Tensor] = [:]
    for (index, layer) in units.layers.enumerated() {
      if let mask = chooseUnits(of: layer, index) { masks[index] = mask }
    }
    guard !masks.isEmpty, let site else { return }
    let fresh = try site.freshWeights("update-\(moment.update)", for: name)
    let reset = UnitReset(moment.parameters)
    for (index, mask) in masks.sorted(by: { $0.key < $1.key }) {
      let layer = units.layers[index]
      if configuration.passesMeanOn { passMeanOn(layer, states[index], mask) }
      reset.renew(layer, where: mask, fresh: fresh[index], moment)
      reset.cutOff(layer, where: mask, moment)
      withoutGradients {
        for tensor in [states[index].utility, states[index].age] {
          _ = tensor.copyInPlace(from: tensor.filled(where: mask, with: 0))
        }
        let features = mask.repeated([layer.featureFactor])
        let mean = states[index].mean
        _ = mean.copyInPlace(from: mean.filled(where: features, with: 0))
      }
    }
  }

  mutating func restore(_ tensors: [String: Tensor]) throws {
    try LoadingError.load(tensors, into: savedTensors, owner: "this method")
    ages = []
  }

  private func updateUtility(of layer: UnitLayer, _ state: UnitState, _ output: Tensor) {
    let decay = configuration.utilityDecay
    _ = state.age.addInPlace(1)
    let axis = layer.axis(of: output)
    let others = (0..<output.dimensionCount).filter { $0 != axis }
    let mean = output.mean(axes: others)
    _ = state.mean.multiplyInPlace(by: .real(decay)).addInPlace(mean, scaledBy: .real(1 - decay))
    let outgoingSum = layer.consumers.map { consumer in
      let outgoing = consumer.weight.value.detached().absolute()
      return layer.sumPerUnit(
        outgoing.sum(axes: (0..<outgoing.dimensionCount).filter { $0 != 1 }))
    }.reduce(Tensor.zerosLike(state.utility), +)
    var contribution: Tensor
    switch configuration.utility {
    case .contribution:
      let magnitude = layer.perUnit(output.absolute().mean(axes: others))
      contribution = magnitude * outgoingSum
    case .adaptableContribution:
      let corrected = correctedMean(layer, state)
      let shaped = UnitReset.shaped(corrected, axis: axis, like: output)
      let deviation = layer.perUnit((output - shaped).absolute().mean(axes: others))
      let incoming = layer.producer.weight.value.detached().absolute()
      contribution =
        deviation * outgoingSum / incoming.sum(axes: Array(1..<incoming.dimensionCount))
    }
    _ = state.utility.multiplyInPlace(by: .real(decay))
      .addInPlace(contribution, scaledBy: .real(1 - decay))
  }

  /// The running mean of each feature, divided by 1 − η^a.
  private func correctedMean(_ layer: UnitLayer, _ state: UnitState) -> Tensor {
    state.mean
      / Self.correction(state.age, configuration.utilityDecay)
      .repeated([layer.featureFactor])
  }

  /// 1 − η^a of each unit.
  static func correction(_ age: Tensor, _ decay: Double) -> Tensor {
    1 - Tensor(decay, dtype: age.dtype).power(age)
  }

  /// Raises the layer's count and chooses as many units as it holds whole ones; `nil` for none.
  private mutating func chooseUnits(of layer: UnitLayer, _ index: Int) -> Tensor? {
    let own = ages[index]
    let eligible = own.indices.filter { own[$0] > Float(configuration.maturityThreshold) }
    memory.dueCounts[index] += Double(eligible.count) * configuration.replacementRate
    let count = min(Int(memory.dueCounts[index]), eligible.count)
    guard count > 0 else { return nil }
    memory.dueCounts[index] -= Double(count)
    memory.replacedCount += count
    let utilities = withoutGradients {
      (states[index].utility / Self.correction(states[index].age, configuration.utilityDecay))
        .doubles
    }
    let chosen = eligible.sorted { (utilities[$0], $0) < (utilities[$1], $1) }.prefix(count)
    var marks = [Double](repeating: 0, count: layer.count)
    for unit in chosen { (marks[unit], ages[index][unit]) = (1, 0) }
    return Tensor(marks, shape: [layer.count], device: states[index].age.device)
      .greater(than: 0.5)
  }

  /// Adds what the replaced units contributed on average to the consumer's bias.
  private func passMeanOn(_ layer: UnitLayer, _ state: UnitState, _ mask: Tensor) {
    withoutGradients {
      let marked = mask.repeated([layer.featureFactor]).converted(to: state.mean.dtype)
      let means = (correctedMean(layer, state) * marked).reshaped(to: [-1, 1])
        .expanded(to: [layer.count * layer.featureFactor, layer.spread]).reshaped(to: [-1])
      for consumer in layer.consumers {
        guard let bias = consumer.bias else { continue }
        let weight = consumer.weight.value.detached()
        let perInput = weight.reshaped(to: [weight.shape[0], weight.shape[1], -1]).sum(axes: [2])
        bias.assign(bias.value.detached() + perInput.matrixProduct(means))
      }
    }
  }
}
