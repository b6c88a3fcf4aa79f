public import Networks
public import Plasticity
public import Testing
public import Torch

/// What a diagnostic looks at: without it there is no value, and nothing else matters to it.
public struct DiagnosticNeeds: OptionSet, Sendable {
  /// The bits.
  public let rawValue: Int
  /// From the bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Inputs.
  public static let probes = DiagnosticNeeds(rawValue: 1)
  /// At least two inputs.
  public static let pairs = DiagnosticNeeds(rawValue: 2)
  /// Labels of the inputs.
  public static let labels = DiagnosticNeeds(rawValue: 4)
  /// A nonlinearity in the network.
  public static let nonlinearity = DiagnosticNeeds(rawValue: 8)
  /// A learned gain or shift in the network.
  public static let affine = DiagnosticNeeds(rawValue: 16)
  /// The update that led here.
  public static let update = DiagnosticNeeds(rawValue: 32)
  /// The initial values.
  public static let initial = DiagnosticNeeds(rawValue: 64)
  /// An earlier moment.
  public static let reference = DiagnosticNeeds(rawValue: 128)
  /// Finite parameters.
  public static let parameters = DiagnosticNeeds(rawValue: 256)
}

/// A network at a moment with everything that a diagnostic can ask for.
public struct DiagnosticFixture {
  /// The network.
  public let network: Sequential
  var probes: Tensor
  var labels: Tensor?
  var initial: [String: Tensor]?
  var reference: DiagnosticReference?
  var update: StepRecord?
  let generator = Generator(seed: 9)

  /// A multilayer perceptron or a convolutional network after one step of Adam.
  public init(isConvolutional: Bool, dtype: DType, examples: Int, isLinear: Bool = false) throws {
    let root = Generator(seed: 11)
    let dense = { (name: String, inputs: Int, outputs: Int, isOutput: Bool) -> Linear in
      Linear(
        inputFeatures: inputs, outputFeatures: outputs, isOutput: isOutput,
        generator: root.split(name), dtype: dtype)
    }
    let shape = isConvolutional ? [2, 4, 4] : [6]
    if isLinear {
      network = Sequential([
        .init("flatten", Flatten()), .init("output", dense("o", shape.reduce(1, *), 3, true)),
      ])
    } else if isConvolutional {
      network = Sequential([
        .init(
          "convolution",
          Convolution2D(
            inputChannels: 2, outputChannels: 5, kernel: 3, padding: 1, generator: root.split("c"),
            dtype: dtype)),
        .init("norm", LayerNorm(axes: .last(3), affine: .perChannel(5), dtype: dtype)),
        .init("activation", ReLU()), .init("pool", MaximumPool2D(kernel: 2)),
        .init("flatten", Flatten()), .init("output", dense("o", 20, 3, true)),
      ])
    } else {
      network = Sequential([
        .init("hidden0", dense("a", 6, 9, false)),
        .init("norm", LayerNorm(shape: [9], dtype: dtype)), .init("activation0", ReLU()),
        .init("hidden1", dense("b", 9, 7, false)), .init("activation1", LeakyReLU()),
        .init("output", dense("o", 7, 3, true)),
      ])
    }
    probes = Tensor.normal([examples] + shape, generator: root.split("x"), dtype: dtype)
    let labels = Tensor(
      (0..<examples).map { $0 * 7 % 3 }, shape: [examples])
    self.labels = labels
    initial = Dictionary(
      uniqueKeysWithValues: network.namedTensors.map { ($0.name, $0.tensor.cloned()) })
    guard examples > 0 else { return }
    reference = DiagnosticReference(subject)
    let parameters = network.trainableParameters
    let gradients = gradients(
      of: network(probes).crossEntropy(labels), withRespectTo: parameters.map(\.parameter.value))
    var optimizer = try OptimizerConfiguration(learningRate: 0.05)
      .make(for: parameters.map(\.parameter))
    let measuring = StepMeasuring(parameters)
    let report = try optimizer.step(
      UpdateRequest(
        parameters: parameters.map(\.parameter), gradients: gradients, learningRate: 0.05,
        isMeasured: true))
    update = report.map {
      measuring.record($0, gradients: gradients, learningRate: 0.05, optimizer)
    }
  }

  /// The moment, with nothing worked out yet.
  public var subject: DiagnosticSubject {
    DiagnosticSubject(
      network: network, probes: probes, labels: labels, initial: initial, reference: reference,
      update: update, generator: generator)
  }
}

/// The laws of every `Diagnostic`: equal subjects give equal readings; nothing is changed; there is a
/// value exactly when what it needs is there, and else a reason that names what is missing.
public func expectDiagnosticLaws(
  _ diagnostic: any Diagnostic, needs: DiagnosticNeeds,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  for isConvolutional in [false, true] {
    for dtype in [DType.float32, .float64] {
      let laws = DiagnosticLaws(
        diagnostic: diagnostic, needs: needs, isConvolutional: isConvolutional, dtype: dtype,
        sourceLocation: sourceLocation)
      try laws.expectNothingChanges()
      try laws.expectNeeds()
      try laws.expectExamples()
      try laws.expectSoundNetwork()
    }
  }
}

private struct DiagnosticLaws {
  let diagnostic: any Diagnostic
  let needs: DiagnosticNeeds
  let isConvolutional: Bool
  let dtype: DType
  let sourceLocation: SourceLocation

  var name: String {
    "\(type(of: diagnostic).name) on \(isConvolutional ? "cnn" : "mlp") in \(dtype)"
  }

  func fixture(_ examples: Int = 8, isLinear: Bool = false) throws -> DiagnosticFixture {
    try DiagnosticFixture(
      isConvolutional: isConvolutional, dtype: dtype, examples: examples, isLinear: isLinear)
  }

  /// The whole network's readings, one per metric.
  func whole(_ subject: DiagnosticSubject) -> [DiagnosticReading] {
    let readings = diagnostic.readings(of: subject)
    let whole = readings.filter(\.scope.isEmpty)
    #expect(
      whole.map(\.metric) == type(of: diagnostic).metrics, "\(name)", sourceLocation: sourceLocation
    )
    let keys = readings.map { "\($0.metric)/\($0.scope)" }
    #expect(Set(keys).count == keys.count, "\(name)", sourceLocation: sourceLocation)
    for case .value(let number) in readings.map(\.outcome) {
      #expect(number.isFinite, "\(name)", sourceLocation: sourceLocation)
    }
    return whole
  }

  func expectNothingChanges() throws {
    let fixture = try fixture()
    let before = fixture.network.namedTensors.map { $0.tensor.cloned() }
    let (probes, state) = (fixture.probes.cloned(), fixture.generator.state)
    let output = withoutGradients { fixture.network(fixture.probes) }
    let first = diagnostic.readings(of: fixture.subject)
    let second = withoutGradients { diagnostic.readings(of: fixture.subject) }
    #expect(first == second, "\(name)", sourceLocation: sourceLocation)
    for reading in first {
      #expect(
        reading.outcome.number != nil, "\(name): \(reading)", sourceLocation: sourceLocation)
    }
    for (tensor, old) in zip(fixture.network.namedTensors.map(\.tensor), before) {
      #expect(tensor.isIdentical(to: old), "\(name)", sourceLocation: sourceLocation)
    }
    #expect(fixture.probes.isIdentical(to: probes), "\(name)", sourceLocation: sourceLocation)
    #expect(!fixture.probes.requiresGradient, "\(name)", sourceLocation: sourceLocation)
    #expect(
      fixture.network.parameters.allSatisfy { $0.value.requiresGradient }, "\(name)",
      sourceLocation: sourceLocation)
    #expect(
      fixture.generator.state.isIdentical(to: state), "\(name)", sourceLocation: sourceLocation)
    #expect(
      withoutGradients { fixture.network(fixture.probes) }.isIdentical(to: output), "\(name)",
      sourceLocation: sourceLocation)
    #expect(
      fixture.network(fixture.probes).requiresGradient, "\(name)", sourceLocation: sourceLocation)
  }

  /// Takes away one thing after another.
  func expectNeeds() throws {
    let full = try fixture()
    let readings = whole(full.subject)
    let cases: [(DiagnosticNeeds, (inout DiagnosticFixture) -> Void)] = [
      (.labels, { $0.labels = nil }), (.update, { $0.update = nil }),
      (.initial, { $0.initial = nil }), (.reference, { $0.reference = nil }),
    ]
    for (need, takeAway) in cases {
      var fixture = full
      takeAway(&fixture)
      let found = whole(fixture.subject)
      guard needs.contains(need) else {
        #expect(found == readings, "\(name)", sourceLocation: sourceLocation)
        continue
      }
      for reading in found {
        guard case .undefined(.notGiven) = reading.outcome else {
          Issue.record("\(name): \(reading)", sourceLocation: sourceLocation)
          continue
        }
      }
    }
  }

  func expectExamples() throws {
    var none = try fixture()
    none.probes = none.probes[0..<0]
    none.labels = none.labels?[0..<0]
    for reading in whole(none.subject) {
      #expect(
        (reading.outcome == .undefined(.emptyBatch)) == needs.contains(.probes),
        "\(name): \(reading)", sourceLocation: sourceLocation)
    }
    for reading in whole(try fixture(1).subject) {
      if needs.contains(.pairs) {
        #expect(
          reading.outcome == .undefined(.tooFewExamples(found: 1, needed: 2)),
          "\(name): \(reading)", sourceLocation: sourceLocation)
      } else {
        #expect(
          reading.outcome.number != nil, "\(name): \(reading)", sourceLocation: sourceLocation)
      }
    }
  }

  /// A network without the layer asked for, and one with NaN in a weight.
  func expectSoundNetwork() throws {
    for reading in whole(try fixture(isLinear: true).subject) {
      if needs.isDisjoint(with: [.nonlinearity, .affine]) {
        #expect(
          reading.outcome.number != nil, "\(name): \(reading)", sourceLocation: sourceLocation)
      } else if case .undefined(.noLayer) = reading.outcome {
      } else {
        Issue.record("\(name): \(reading)", sourceLocation: sourceLocation)
      }
    }
    for value in [Double.nan, .infinity] {
      let broken = try fixture()
      withoutGradients {
        _ = broken.network.parameters[0].value.detached().viewed(as: [-1])
          .narrowed(axis: 0, from: 1, length: 1).fillInPlace(with: .real(value))
      }
      for reading in whole(broken.subject) {
        if case .undefined(.notFinite) = reading.outcome {
          #expect(
            needs.contains(.parameters), "\(name): \(reading)", sourceLocation: sourceLocation)
        } else {
          #expect(
            !needs.contains(.parameters), "\(name): \(reading)", sourceLocation: sourceLocation)
        }
      }
    }
  }
}
