import Networks
import NormalizeAndProject
import Plasticity
import TensorTestSupport
import TestSupport
import Testing
import Torch

@Suite("Every method keeps the laws")
struct InterventionLawTests {
  /// The network with a learned normalization before every nonlinearity.
  static func normalized(_ network: Sequential, image: Bool) -> Sequential {
    var elements: [Sequential.Element] = []
    var features = 0
    for element in network.elements {
      if let layer = element.layer as? any WeightedLayer { features = layer.outputFeatureCount }
      if element.layer is any Activation {
        let axes: NormalizationAxes =
          image && element.name.hasSuffix("0") ? .channels : .last(1)
        elements.append(
          .init(
            "norm-\(element.name)", LayerNorm(axes: axes, affine: .perChannel(features))))
      }
      elements.append(element)
    }
    return Sequential(elements)
  }

  /// Adam, as the method makes it where it is in the chain.
  static func optimizer(_ name: String, _ hooks: HookChain) -> ([Parameter]) -> any Optimizer {
    let methods = InterventionSet(hooks.isEmpty ? [] : [Lively.named(name)])
    return { parameters in
      (try? methods.optimizer(OptimizerConfiguration(learningRate: 1e-2)).make(for: parameters))
        ?? SGD(for: parameters)
    }
  }

  @Test("in a dense network", arguments: Lively.names)
  func dense(name: String) throws {
    try expectHookLaws(name, { InterventionSet([Lively.named(name)]).hookChain() }) {
      try HookedRun(
        $0, normalize: { Self.normalized($0, image: false) }, optimizer: Self.optimizer(name, $0))
    }
  }

  @Test("in a dense network without normalization", arguments: Lively.names)
  func plain(name: String) throws {
    guard name != ScaleDecay.name else { return }
    try expectHookLaws(name, { InterventionSet([Lively.named(name)]).hookChain() }) {
      try HookedRun($0, optimizer: Self.optimizer(name, $0))
    }
  }

  @Test("in a convolutional network", arguments: Lively.names)
  func convolutional(name: String) throws {
    var network = NetworkConfiguration(.cnn)
    network.channels = [4]
    network.kernels = [3]
    network.strides = [2]
    network.hidden = [8]
    let configuration = network
    try expectHookLaws(name, { InterventionSet([Lively.named(name)]).hookChain() }) {
      try HookedRun(
        $0, network: configuration, inputShape: [2, 6, 6],
        normalize: { Self.normalized($0, image: true) }, optimizer: Self.optimizer(name, $0))
    }
  }

  /// Some methods, others than a neighbour's; in `make nightly` all.
  private static let some = Lively.names.enumerated().filter { isNightly || $0.offset % 3 == 1 }
    .map(\.element)

  @Test("in a residual network", arguments: some)
  func residual(name: String) throws {
    var network = NetworkConfiguration(.resnet18)
    network.channels = [4, 6]
    network.convolutions = [1, 1]
    network.hidden = [8]
    let configuration = network
    let make = { InterventionSet([Lively.named(name)]).hookChain() }
    func run(_ hooks: HookChain) throws -> HookedRun {
      try HookedRun(
        hooks, network: configuration, inputShape: [2, 6, 6],
        normalize: {
          try NormalizeAndProject.normalized(
            $0, inputShape: [2, 6, 6], normalization: .layer, scaleAndOffset: .free)
        }, optimizer: Self.optimizer(name, hooks))
    }
    guard ![CReLUMethod.name, FourierFeaturesMethod.name].contains(name) else {
      // Branches that are added cannot change their number of features.
      let error = #expect(throws: InterventionError.self) { try run(make()) }
      #expect(error?.description.hasPrefix("\(name) cannot ") == true)
      return
    }
    try expectHookLaws(name, make, run: run)
  }

  @Test("the list of lively methods leaves out none")
  func complete() {
    #expect(Lively.names == Interventions.all.map { $0.name })
  }

  @Test("frozen parameters keep every bit", arguments: Lively.names)
  func frozen(name: String) throws {
    let hooks = InterventionSet([Lively.named(name)]).hookChain()
    var run = try HookedRun(hooks, optimizer: Self.optimizer(name, hooks))
    // What rewrites or resets a layer on purpose is not held back by freezing.
    let writers = [
      FullReset.name, LayerReset.name, PlasticityInjection.name, ReDo.name,
      ContinualBackpropagation.name, SelfNormalizedResets.name,
    ]
    guard !writers.contains(name) else { return }
    try run.advance(2)
    let first = run.parameters[0].parameter
    first.isTrainable = false
    let before = first.value.detached().cloned()
    try run.advance(10)
    #expect(first.value.detached().isIdentical(to: before))
  }
}
