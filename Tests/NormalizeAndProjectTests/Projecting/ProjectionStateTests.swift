import Networks
import NormalizeAndProject
import Testing
import Torch

@Suite("Projection returns weights to their initial norms")
struct ProjectionStateTests {
  let bag = Bag([
    "hidden.weight": .random([8, 5], role: .weight(fanIn: 5), seed: 1),
    "kernel.weight": .random([4, 3, 2, 2], role: .weight(fanIn: 12), seed: 2, dtype: .float32),
    "head.weight": .random([3, 8], role: .output, seed: 3),
    "hidden.bias": .random([8], role: .bias, seed: 4),
    "norm.scale": .random([8], role: .scale, seed: 5),
    "norm.offset": .random([8], role: .offset, seed: 6),
    "table": .random([9, 4], role: .embedding, seed: 7),
    "branch": .random([5, 5], role: .residualOutput, seed: 8),
    "query": .random([5, 5], role: .attentionLogit, seed: 9),
  ])

  @Test("After projection every hidden weight has its initial norm, and nothing else moved")
  func initialNormsReturn() throws {
    let before = Dictionary(
      uniqueKeysWithValues: bag.namedParameters.map { ($0.name, $0.parameter.norm) })
    let state = try ProjectionState(.both, parameters: bag.namedParameters)
    for parameter in bag.parameters { parameter.scale(by: 3.7) }
    try state.apply(update: 0, learningRate: 0.1)
    for (name, parameter) in bag.namedParameters.map({ ($0.name, $0.parameter) }) {
      let isProjected = name == "hidden.weight" || name == "kernel.weight"
      let expected = (before[name] ?? 0) * (isProjected ? 1 : 3.7)
      let tolerance = parameter.value.dtype == .float64 ? 1e-14 : 1e-7
      #expect(abs(parameter.norm / expected - 1) < tolerance, "\(name)")
    }
  }

  @Test("Projecting twice is projecting once")
  func idempotent() throws {
    let state = try ProjectionState(.both, parameters: bag.namedParameters)
    bag["hidden.weight"].scale(by: 0.31)
    try state.apply(update: 0, learningRate: 0)
    let once = bag["hidden.weight"].value.doubles
    try state.apply(update: 1, learningRate: 0)
    #expect(relativeGap(bag["hidden.weight"].value.doubles, once) < 1e-15)
  }

  @Test("Roles choose what is projected; outputs, biases, norms and embeddings cannot be named")
  func rolesChoose() throws {
    let everything = NaP(projection: Projection(roles: Set(Projection.Role.allCases)))
    let state = try ProjectionState(everything, parameters: bag.namedParameters)
    #expect(
      state.initialNorms.map(\.name) == ["hidden.weight", "kernel.weight", "branch", "query"])
    for role: ParameterRole in [.output, .bias, .scale, .offset, .embedding] {
      #expect(Projection.Role(role) == nil)
    }
    #expect(try ProjectionState(.normOnly, parameters: bag.namedParameters).initialNorms.isEmpty)
  }

  @Test("Every k updates projects after updates k, 2k, …", arguments: [1, 3])
  func everyKUpdates(every: Int) throws {
    let nap = NaP(projection: Projection(every: every))
    let state = try ProjectionState(nap, parameters: bag.namedParameters)
    let weight = bag["hidden.weight"]
    let initial = weight.norm
    for update in 0..<7 {
      weight.scale(by: 1.1)
      let due = (update + 1) % every == 0
      #expect(bag.request(joinedBy: state, update: update).targetNorms.isEmpty == !due)
      try state.apply(update: update, learningRate: 0)
      #expect((abs(weight.norm / initial - 1) < 1e-12) == due, "update \(update)")
    }
  }

  @Test("The optimizer is given one radius a projected parameter, in the order asked for")
  func radiiForTheOptimizer() throws {
    let state = try ProjectionState(.both, parameters: bag.namedParameters)
    let asked = Array(bag.namedParameters.reversed())
    var request = UpdateRequest(
      parameters: asked.map(\.parameter), gradients: [], learningRate: 0)
    state.join(&request, update: 0)
    for (named, radius) in zip(asked, request.targetNorms) {
      let isProjected = Projection.hiddenWeights.includes(named.parameter)
      #expect((radius != nil) == isProjected, "\(named.name)")
      if let radius { #expect(abs(radius / named.parameter.norm - 1) < 1e-15) }
    }
    bag["hidden.weight"].scale(by: 2)
    let grown = bag["hidden.weight"].norm
    try state.apply(after: request, update: 0)
    #expect(bag["hidden.weight"].norm == grown, "what the optimizer restored is left to it")
  }

  @Test("A zero norm is refused with the parameter's name, and nothing is changed")
  func zeroNormIsRefused() throws {
    let state = try ProjectionState(.both, parameters: bag.namedParameters)
    bag["kernel.weight"].scale(by: 2)
    bag["hidden.weight"].scale(by: 0)
    let kernel = bag["kernel.weight"].norm
    #expect(
      throws: ProjectionError.unusableNorm(
        parameter: "hidden.weight", norm: 0, moment: .afterUpdate)
    ) { try state.apply(update: 0, learningRate: 0) }
    #expect(bag["kernel.weight"].norm == kernel)
    let error = #expect(throws: ProjectionError.self) {
      try ProjectionState(.both, parameters: bag.namedParameters)
    }
    #expect(error?.description.contains("hidden.weight") == true)
  }

  @Test("A norm that is not finite is refused", arguments: [Double.nan, .infinity])
  func nonFiniteNormIsRefused(factor: Double) throws {
    let state = try ProjectionState(.both, parameters: bag.namedParameters)
    bag["kernel.weight"].scale(by: factor)
    let error = #expect(throws: ProjectionError.self) {
      try state.apply(update: 0, learningRate: 0)
    }
    #expect(error?.description.contains("kernel.weight") == true)
  }

  @Test("Sums are float64: a large float32 matrix keeps its norm through many projections")
  func sumsAreWide() throws {
    let large = Bag([
      "weight": .random([1_000, 2_000], role: .weight(fanIn: 2_000), seed: 1, dtype: .float32)
    ])
    let exact = large["weight"].value.detached().converted(to: .float64).norm.item
    let state = try ProjectionState(.both, parameters: large.namedParameters)
    #expect(abs(state.initialNorms[0].norm / exact - 1) < 1e-13)
    for update in 0..<20 {
      large["weight"].scale(by: 1.01)
      try state.apply(update: update, learningRate: 0)
    }
    #expect(abs(large["weight"].norm / exact - 1) < 1e-7)
  }
}
