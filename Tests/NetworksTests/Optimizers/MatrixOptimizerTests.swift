import Foundation
import Networks
import TensorTestSupport
import Testing
import Torch

@Suite("Hidden matrices have a rule and a rate of their own")
struct MatrixOptimizerTests {
  /// One parameter of each role, in float64: matrices but for the last three.
  private static func parameters() -> [Parameter] {
    let generator = Generator(seed: 9)
    func drawn(_ shape: [Int], _ role: ParameterRole) -> Parameter {
      Parameter(Tensor.normal(shape, generator: generator, dtype: .float64), role: role)
    }
    return [
      drawn([4, 3], .weight(fanIn: 3)), drawn([4, 3], .noise), drawn([3, 4], .residualOutput),
      drawn([4, 4], .attentionLogit), drawn([2, 4], .output), drawn([6, 4], .embedding),
      drawn([4], .bias), drawn([4], .scale), drawn([4], .offset), drawn([4], .weight(fanIn: 4)),
    ]
  }
  private static let matrixCount = 4

  private static func gradients(of parameters: [Parameter], seed: UInt64 = 1) -> [Tensor] {
    let generator = Generator(seed: seed)
    return parameters.map {
      Tensor.normal($0.value.shape, generator: generator, dtype: .float64)
    }
  }

  private static func values(_ parameters: [Parameter]) -> [Tensor] {
    withoutGradients { parameters.map { $0.value.detached().cloned() } }
  }

  @Test(
    "Matrices are told by role and axes; everything else takes Adam's step at its own rate",
    arguments: [OptimizerConfiguration.Kind.adamh, .muonh, .muon])
  func others(kind: OptimizerConfiguration.Kind) throws {
    let (own, plain) = (Self.parameters(), Self.parameters())
    #expect(
      own.map(\.isHiddenMatrix) == own.indices.map { $0 < Self.matrixCount })
    var optimizer = try OptimizerConfiguration(
      kind: kind, learningRate: 0.04, otherLearningRate: 0.01
    ).make(for: own)
    var adam = Adam(for: plain)
    for update in 0..<3 {
      // Along a schedule both rates move together.
      let share = 1 / Double(update + 1)
      let gradients = Self.gradients(of: own, seed: UInt64(update))
      try optimizer.step(
        UpdateRequest(parameters: own, gradients: gradients, learningRate: 0.04 * share))
      try adam.step(
        UpdateRequest(parameters: plain, gradients: gradients, learningRate: 0.01 * share))
    }
    for index in own.indices {
      let difference = (own[index].value.detached() - plain[index].value.detached()).norm.item
      #expect((difference < 1e-12) == (index >= Self.matrixCount), "\(index): \(difference)")
    }
  }

  @Test(
    "A matrix turns by the rate's arc tangent where its update is orthogonal, and keeps its norm",
    arguments: [OptimizerConfiguration.Kind.adamh, .muonh])
  func turns(kind: OptimizerConfiguration.Kind) throws {
    let parameters = Self.parameters()
    let before = Self.values(parameters)
    var optimizer = try OptimizerConfiguration(kind: kind, learningRate: 0.1).make(for: parameters)
    let report = try optimizer.step(
      UpdateRequest(
        parameters: parameters, gradients: Self.gradients(of: parameters), learningRate: 0.1,
        isMeasured: true))
    let found = try #require(report)
    for index in 0..<Self.matrixCount {
      let (old, new) = (before[index], parameters[index].value.detached())
      let radius = old.norm.item
      expectClose(new.norm.item, radius, relative: 1e-14, absolute: 0)
      // The chord of a step of length η R from W, scaled back, fixes its angle and length.
      expectClose(found.updateNorms[index], 0.1 * radius, relative: 1e-13, absolute: 0)
      expectClose(found.normsBefore[index], radius, relative: 1e-14, absolute: 0)
      let stepped = new * (found.normsAfter[index] / radius)
      expectClose((stepped - old).norm.item, 0.1 * radius, relative: 1e-12, absolute: 0)
      expectClose(
        found.innerProducts[index], (stepped * old).sum().item, relative: 1e-12, absolute: 1e-12)
    }
    // An update made orthogonal to W: the angle is arctan η.
    let weight = Parameter(
      Tensor([3.0, 0, 0, 0], shape: [2, 2], dtype: .float64), role: .weight(fanIn: 2))
    var single = try OptimizerConfiguration(kind: kind, learningRate: 0.2).make(for: [weight])
    try single.step(
      UpdateRequest(
        parameters: [weight],
        gradients: [Tensor([0.0, 0, 0, -5], shape: [2, 2], dtype: .float64)],
        learningRate: 0.2))
    let turned = weight.value.detached().doubles
    expectClose(atan2(turned[3], turned[0]), atan(0.2), absolute: 1e-12)
    expectClose(weight.norm, 3, relative: 1e-14, absolute: 0)
  }

  @Test(
    "Neither the size of gradients nor their clipping moves a matrix",
    arguments: [OptimizerConfiguration.Kind.adamh, .muonh])
  func scaleFree(kind: OptimizerConfiguration.Kind) throws {
    func stepped(_ size: Double, _ scale: Double) throws -> [Tensor] {
      let parameters = Self.parameters()
      var optimizer = try OptimizerConfiguration(kind: kind, learningRate: 0.1, epsilon: 0)
        .make(for: parameters)
      for update in 0..<3 {
        try optimizer.step(
          UpdateRequest(
            parameters: parameters,
            gradients: Self.gradients(of: parameters, seed: UInt64(update)).map { $0 * size },
            learningRate: 0.1, gradientScale: scale))
      }
      return Self.values(parameters)
    }
    let own = try stepped(1, 1)
    for other in [try stepped(1000, 1), try stepped(1, 0.01)] {
      for (one, two) in zip(own, other).prefix(Self.matrixCount) {
        #expect((one - two).norm.item < 1e-11)
      }
    }
  }

  @Test(
    "Without a gradient nothing moves, to the bit",
    arguments: [OptimizerConfiguration.Kind.adamh, .muonh, .muon], [DType.float32, .float64])
  func rests(kind: OptimizerConfiguration.Kind, dtype: DType) throws {
    let parameters = Self.parameters().map {
      Parameter($0.value.detached().converted(to: dtype), role: $0.role)
    }
    let before = Self.values(parameters)
    var optimizer = try OptimizerConfiguration(kind: kind, learningRate: 0.1).make(for: parameters)
    let zeros = parameters.map { Tensor.zerosLike($0.value.detached()) }
    for _ in 0..<3 {
      try optimizer.step(
        UpdateRequest(parameters: parameters, gradients: zeros, learningRate: 0.1))
    }
    for (parameter, old) in zip(parameters, before) {
      #expect(parameter.value.detached().isIdentical(to: old))
    }
  }

  @Test(
    "A radius that is asked for replaces the initial norm; a joint one is restored by one factor")
  func targetNorms() throws {
    let parameters = Self.parameters()
    let initial = parameters.map(\.norm)
    var optimizer = try OptimizerConfiguration(kind: .adamh, learningRate: 0.1).make(
      for: parameters)
    var targetNorms = [Double?](repeating: nil, count: parameters.count)
    targetNorms[0] = 2
    targetNorms[4] = 5
    try optimizer.step(
      UpdateRequest(
        parameters: parameters, gradients: Self.gradients(of: parameters), learningRate: 0.1,
        targetNorms: targetNorms, jointTargetNorms: [JointTargetNorm(members: [1, 6], radius: 3)]))
    let norms = parameters.map(\.norm)
    expectClose(norms[0], 2, relative: 1e-13, absolute: 0)
    expectClose(norms[2], initial[2], relative: 1e-13, absolute: 0)
    expectClose(norms[4], 5, relative: 1e-13, absolute: 0)
    expectClose(
      (norms[1] * norms[1] + norms[6] * norms[6]).squareRoot(), 3, relative: 1e-13, absolute: 0)
  }

  @Test("Norms are saved with the state, and come back from it")
  func saved() throws {
    let parameters = Self.parameters()
    let names = parameters.indices.map { "p\($0)" }
    var optimizer = try OptimizerConfiguration(kind: .adamh, learningRate: 0.1).make(
      for: parameters)
    let own = optimizer.state.namedTensors(parameters: names)
    #expect(own.filter { $0.name.hasPrefix("initial_norm.") }.count == Self.matrixCount)
    var tensors = Dictionary(uniqueKeysWithValues: own.map { ($0.name, $0.tensor.cloned()) })
    tensors["initial_norm.p2"] = Tensor(7.0, dtype: .float64)
    try optimizer.state.load(tensors, parameters: names)
    try optimizer.step(
      UpdateRequest(
        parameters: parameters, gradients: Self.gradients(of: parameters), learningRate: 0.1))
    expectClose(parameters[2].norm, 7, relative: 1e-13, absolute: 0)
    for wrong in [0, -1, Double.nan] {
      tensors["initial_norm.p2"] = Tensor(wrong, dtype: .float64)
      #expect(throws: LoadingError.self) {
        try optimizer.state.load(tensors, parameters: names)
      }
    }
    #expect(optimizer.state.initialNorms[2] == 7)
    // Muon keeps a momentum for matrices and moments for everything else.
    let muon = try OptimizerConfiguration(kind: .muon).make(for: parameters)
    #expect(
      muon.state.slots.map { $0.tensors.map { $0 != nil } } == [
        parameters.map(\.isHiddenMatrix), parameters.map { !$0.isHiddenMatrix },
        parameters.map { !$0.isHiddenMatrix },
      ])
  }

  @Test("A hidden matrix of zeros cannot have its norm held, and the error says so")
  func zeros() throws {
    let zero = Parameter(Tensor.zeros([2, 2]), role: .weight(fanIn: 2))
    for kind in [OptimizerConfiguration.Kind.adamh, .muonh] {
      let error = #expect(throws: ConfigurationError.self) {
        try OptimizerConfiguration(kind: kind).make(for: [zero])
      }
      #expect(error?.option == "optimizer.kind" && error?.found == kind.rawValue)
    }
    _ = try OptimizerConfiguration(kind: .muon).make(for: [zero])
  }

  @Test(
    "Newton and Schulz's iteration keeps singular vectors and brings singular values near 1",
    arguments: [[5, 5], [3, 8], [8, 3]])
  func orthogonalizes(shape: [Int]) {
    let matrix = Tensor.normal(shape, generator: Generator(seed: 2), dtype: .float64) * 1e-3
    let result = Muon.orthogonalized(matrix)
    #expect(result.shape == shape)
    let (left, values, right) = result.singularValueDecomposition(fullMatrices: false)
    #expect(values.doubles.allSatisfy { (0.6...1.25).contains($0) }, "\(values.doubles)")
    // The same vectors: what maps the matrix's to the result's is diagonal and positive.
    let mapped = left.transposed().matrixProduct(matrix).matrixProduct(right.transposed())
    let size = mapped.shape[0]
    let rest = mapped * (1.0 - Tensor.identity(size, dtype: .float64))
    #expect(rest.norm.item < 1e-9 * mapped.norm.item)
    #expect(mapped.diagonal().doubles.allSatisfy { $0 > 0 })
    let single = Muon.orthogonalized(matrix.converted(to: .float32))
    #expect(single.dtype == .float32)
    #expect(Muon.orthogonalized(Tensor.zeros([2, 3])).norm.item == 0)
  }

  @Test("The scale of an update goes by the shape of the matrix")
  func scales() {
    expectClose(MuonScale.original.factor(rows: 8, columns: 2), 2, absolute: 1e-15)
    expectClose(MuonScale.original.factor(rows: 2, columns: 8), 1, absolute: 1e-15)
    expectClose(MuonScale.matchAdamW.factor(rows: 4, columns: 25), 1, absolute: 1e-15)
    expectClose(MuonScale.none.factor(rows: 9, columns: 1), 1, absolute: 1e-15)
  }
}
