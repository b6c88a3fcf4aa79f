import TensorTestSupport
import Testing
import Torch

@Suite("Hyperball's step as a kernel")
struct TurnTests {
  static let shapes = [[3, 4], [130, 257], [5, 2, 3]]
  private static let rate = 0.3

  static func drawn(_ seed: UInt64, _ dtype: DType) -> [Tensor] {
    let generator = Generator(seed: seed)
    return shapes.map { Tensor.normal($0, generator: generator).converted(to: dtype) }
  }

  /// The equation, one group at a time, in float64.
  private static func expected(
    _ weights: [Tensor], _ directions: [Tensor], radius: Double, rate: Double
  ) -> [Tensor] {
    func joint(_ tensors: [Tensor]) -> Double {
      tensors.reduce(0) { $0 + $1.squared().sum().item }.squareRoot()
    }
    let wide = directions.map { $0.converted(to: .float64) }
    let stepped = zip(weights, wide).map { weight, direction in
      weight.converted(to: .float64) + direction * (rate * radius / joint(wide))
    }
    let norm = joint(stepped)
    return stepped.map { $0 * (radius / norm) }
  }

  @Test(
    "is the equation, alone and in groups, by loops and by operators",
    arguments: [DType.float32, .float64, .bfloat16])
  func equation(dtype: DType) {
    let tolerance = dtype == .float64 ? 1e-14 : dtype == .float32 ? 2e-6 : 0.02
    for isJoint in [false, true] {
      let (weights, directions) = (Self.drawn(1, dtype), Self.drawn(2, dtype))
      let before = weights.map { $0.cloned() }
      let groups = isJoint ? [0, 0, 1] : [0, 1, 2]
      let targetNorms = isJoint ? [20.0, 2] : [1.0, 20, 3]
      let report = withoutGradients {
        FusedOperators.turn(
          weights, directions: directions,
          step: .init(learningRate: Self.rate, isMeasured: true, rateFactors: [1, 2, 0.5]),
          constraint: .init(groups: groups, targetNorms: targetNorms))
      }
      #expect(report.failedGroup == nil)
      for (group, radius) in targetNorms.enumerated() {
        let members = groups.indices.filter { groups[$0] == group }
        let factor = [1, 2, 0.5][members[0]]
        let wanted = Self.expected(
          members.map { before[$0] }, members.map { directions[$0] }, radius: radius,
          rate: Self.rate * factor)
        for (member, value) in zip(members, wanted) {
          expectClose(
            weights[member].converted(to: .float64), value, relative: tolerance,
            absolute: tolerance, "\(dtype), group \(group)")
        }
        let length = members.reduce(0) { $0 + report.updateSquares[$1] }.squareRoot()
        expectClose(length, Self.rate * factor * radius, relative: 1e-12, absolute: 0)
      }
    }
  }

  @Test("of two element types at once takes the operators, and agrees with the loops")
  func operators() {
    var (mixed, alone) = (Self.drawn(1, .float32), Self.drawn(1, .float32))
    var directions = Self.drawn(2, .float32)
    mixed[2] = mixed[2].converted(to: .float64)
    let step = FusedOperators.Step(learningRate: Self.rate)
    withoutGradients {
      _ = FusedOperators.turn(
        alone, directions: directions, step: step,
        constraint: .init(groups: [0, 1, 2], targetNorms: [1, 20, 3]))
      directions[2] = directions[2].converted(to: .float64)
      _ = FusedOperators.turn(
        mixed, directions: directions, step: step,
        constraint: .init(groups: [0, 1, 2], targetNorms: [1, 20, 3]))
    }
    alone[2] = alone[2].converted(to: .float64)
    for (one, other) in zip(mixed, alone) {
      expectClose(one, other, relative: 1e-6, absolute: 1e-7)
    }
  }

  @Test("leaves a group alone whose direction is zero, and one whose norm cannot be had")
  func rests() {
    for dtype in [DType.float32, .bfloat16] {
      let weights = Self.drawn(1, dtype)
      var directions = Self.drawn(2, dtype)
      directions[0] = Tensor.zerosLike(directions[0])
      directions[1] = Tensor.full([130, 257], value: .real(.nan), dtype: dtype)
      let before = weights.map { $0.cloned() }
      let norms = weights.map { $0.vectorNorm(dtype: .float64).item }
      let report = withoutGradients {
        FusedOperators.turn(
          weights, directions: directions, step: .init(learningRate: Self.rate),
          constraint: .init(groups: [0, 1, 2], targetNorms: norms))
      }
      #expect(report.failedGroup == 1)
      #expect(weights[0].isIdentical(to: before[0]) && weights[1].isIdentical(to: before[1]))
      #expect(!weights[2].isIdentical(to: before[2]))
    }
  }

  @Test("gives the same bits on any number of threads")
  func threads() async {
    // In a process of its own: the setting belongs to the whole process.
    await #expect(processExitsWith: .success) {
      func turned(_ threads: Int) -> [Tensor] {
        Machine.threadCount = threads
        let weights = TurnTests.drawn(1, .float64)
        _ = withoutGradients {
          FusedOperators.turn(
            weights, directions: TurnTests.drawn(2, .float64), step: .init(learningRate: 0.3),
            constraint: .init(groups: [0, 1, 2], targetNorms: [1, 20, 3]))
        }
        return weights
      }
      let alone = turned(1)
      for threads in [2, 3] {
        for (one, other) in zip(alone, turned(threads)) { #expect(one.isIdentical(to: other)) }
      }
    }
  }

  @Test("names what does not fit")
  func refusals() {
    let weights = Self.drawn(1, .float32)
    for (groups, targetNorms, factors, part) in [
      ([0, 1, -1], [1.0, 1], [Double](), "every tensor must belong to a group"),
      ([0, 1, 2], [1, 1, 1], [1, 1, -1], "a rate factor must be finite and not negative"),
    ] {
      #expect {
        try withTorchErrors {
          FusedOperators.turn(
            weights, directions: weights,
            step: .init(learningRate: 1, rateFactors: factors),
            constraint: .init(groups: groups, targetNorms: targetNorms))
        }
      } throws: { "\($0)".contains(part) }
    }
  }
}
