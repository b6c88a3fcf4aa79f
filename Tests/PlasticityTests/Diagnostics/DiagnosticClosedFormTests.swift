import Foundation
import Plasticity
import TensorTestSupport
import Testing
import Torch

@testable import Networks

/// Every measure on a network small enough for its value to be written down.
@Suite struct DiagnosticClosedFormTests {
  private let generator = Generator(seed: 2)

  /// `y = x Wᵀ`, an output layer.
  private func linear(_ rows: [[Double]], isOutput: Bool = true) -> Linear {
    let weight = Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count])
    return Linear(
      weight: Parameter(weight, role: isOutput ? .output : .weight(fanIn: rows[0].count)),
      bias: nil)
  }

  private func matrix(_ rows: [[Double]]) -> Tensor {
    Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count])
  }

  private func subject(
    _ layers: [any Layer], _ probes: [[Double]], targets: [[Double]]? = nil,
    initial: [String: Tensor]? = nil, reference: DiagnosticReference? = nil
  ) -> DiagnosticSubject {
    DiagnosticSubject(
      network: Sequential(layers), probes: matrix(probes), labels: targets.map(matrix),
      loss: .meanSquaredError, initial: initial, reference: reference, generator: generator)
  }

  private func value(
    _ diagnostic: any Diagnostic, metric: String? = nil, scope: String = "",
    _ subject: DiagnosticSubject
  ) throws -> Double {
    let readings = diagnostic.readings(of: subject)
    let reading = try #require(
      readings.first { $0.scope == scope && $0.metric == (metric ?? $0.metric) })
    return try #require(reading.outcome.number, "\(reading)")
  }

  @Test func `units: dead, dormant, linear, active`() throws {
    // Units x, −x, 10 + 0x by its bias, 0.01 x: on the probes 1 and 2.
    let weight = Parameter(Tensor([1, -1, 0, 0.01], shape: [4, 1]), role: .weight(fanIn: 1))
    let bias = Parameter(Tensor([0, 0, 10, 0] as [Double]), role: .bias)
    let one = subject(
      [Linear(weight: weight, bias: bias), ReLU(), linear([[1, 1, 1, 1]])], [[1], [2]])
    #expect(try value(DeadUnitFraction(), one) == 0.25)
    // Mean activations 1.5, 0, 10 and 0.015; their mean is 2.87875.
    #expect(try value(DormantUnitFraction(), one) == 0.5)
    var strict = DormantUnitFraction()
    strict.threshold = 0
    #expect(try value(strict, one) == 0.25)
    strict.threshold = 1.5 / 2.87875 + 1e-9
    #expect(try value(strict, one) == 0.75)
    #expect(try value(ZombieUnitFraction(), one) == 0.75)
    #expect(try value(ZombieUnitFraction(), scope: "1", one) == 0.75)
    #expect(try value(ActiveFraction(), one) == 0.75)
    let other = subject(
      [Linear(weight: weight, bias: bias), ReLU(), linear([[1, 1, 1, 1]])], [[1], [-2]])
    #expect(try value(DeadUnitFraction(), other) == 0)
    #expect(try value(ZombieUnitFraction(), other) == 0.25)
    #expect(try value(ActiveFraction(), other) == 0.625)
  }

  @Test func `unit probes are what units are counted on`() throws {
    let layers: [any Layer] = [linear([[1], [-1]], isOutput: false), ReLU(), linear([[1, 1]])]
    let subject = DiagnosticSubject(
      network: Sequential(layers), probes: matrix([[1]]), unitProbes: matrix([[1], [-1]]),
      generator: generator)
    #expect(try value(DeadUnitFraction(), subject) == 0)
    #expect(try value(FeatureNorm(), subject) == 1)
  }

  @Test func `features: norm and the four ranks, told apart`() throws {
    // The features of a lone linear layer are its inputs: singular values 3, 1 and 0.005 √3.
    let probes = [[3, 0, 0], [0, 1, 0], [0, 0, 0.005 * 3.0.squareRoot()]]
    let one = subject([linear([[1, 1, 1]])], probes)
    let values = [3, 1, 0.005 * 3.0.squareRoot()]
    let total = values.reduce(0, +)
    #expect(abs(try value(FeatureNorm(), one) - total / 3) < 1e-12)
    let entropy = values.reduce(0) { $0 - $1 / total * log($1 / total) }
    #expect(abs(try value(EffectiveRank(), one) - exp(entropy)) < 1e-12)
    let squares = values.reduce(0) { $0 + $1 * $1 }
    #expect(abs(try value(StableRank(), one) - squares / 9) < 1e-12)
    // 4 of 4.0087 is 99.8 %; in Φ/√3 the last one is 0.005, below 0.01.
    #expect(try value(SRank(), one) == 2)
    #expect(try value(NumericalRank(), one) == 2)
    // Equal directions: all ranks are full. One direction: all are 1.
    let full = subject([linear([[1, 1]])], [[2, 0], [0, -2]])
    let flat = subject([linear([[1, 1]])], [[1, 1], [2, 2]])
    for rank in [EffectiveRank(), StableRank(), SRank(), NumericalRank()] as [any Diagnostic] {
      #expect(abs(try value(rank, full) - 2) < 1e-12)
      #expect(abs(try value(rank, flat) - 1) < 1e-7)
    }
    let silent = subject([linear([[1, 1]])], [[0, 0], [0, 0]])
    for rank in [EffectiveRank(), StableRank(), SRank()] as [any Diagnostic] {
      guard case .undefined(.zero) = rank.readings(of: silent)[0].outcome else {
        Issue.record("\(rank.readings(of: silent))")
        continue
      }
    }
    #expect(try value(NumericalRank(), silent) == 0)
  }

  @Test func `parameters: norm, drift, scale and offset`() throws {
    let one = subject(
      [linear([[3, 4]])], [[1, 1]], initial: ["0.weight": matrix([[0, 0]])])
    #expect(try value(WeightNorm(), one) == 5)
    #expect(try value(WeightDrift(), scope: "0.weight", one) == 5)
    let norm = LayerNorm(shape: [4], dtype: .float64)
    let other = subject([norm, LayerNorm(shape: [4], dtype: .float64)], [[1, 2, 3, 4]])
    #expect(abs(try value(ScaleAndOffsetNorm(), other) - 8.0.squareRoot()) < 1e-12)
    norm.offset?.assign(Tensor([0, 0, 3, 4] as [Double]))
    let moved = subject([norm], [[1, 2, 3, 4]])
    let joint = try value(ScaleAndOffsetNorm(), scope: "0.scale", moved)
    #expect(abs(joint - Double(29).squareRoot()) < 1e-12)
  }

  @Test func `an update: ratios, rotation, realised rate, gradient norm`() throws {
    // W = (3, 4), u = (−0.8, 0.6) is at a right angle to it: ‖W‖ = 5, ‖u‖ = 1. What follows the optimizer takes W + u
    // back to norm 5, so that W moves by a chord: 2 · 5 sin(atan(0.2) / 2).
    let layer = linear([[3, 4]])
    let chord = 10 * sin(atan(0.2) / 2)
    let entry = StepRecord.Entry(
      name: "0.weight", role: .output, elementCount: 2, gradientNorm: 10, normBefore: 5,
      normAfter: 5, stepNorm: 1, changeNorm: chord, scaling: .gradient(gain: 1))
    let hidden = StepRecord.Entry(
      name: "hidden", role: .weight(fanIn: 2), elementCount: 8, gradientNorm: 0, normBefore: 2,
      normAfter: 2, stepNorm: 0.5, changeNorm: 0, scaling: .gradient(gain: 1))
    let measured = DiagnosticSubject(
      network: Sequential([layer]), probes: matrix([[1, 1]]),
      update: StepRecord(learningRate: 0.1, entries: [entry, hidden]), generator: generator)
    #expect(try value(UpdateToWeightRatio(), scope: "0.weight", measured) == 0.2)
    #expect(
      abs(try value(UpdateToWeightRatio(), measured) - (1.25 / 29.0).squareRoot()) < 1e-15)
    #expect(try value(WeightChange(), scope: "0.weight", measured) == chord / 5)
    #expect(abs(try value(RotationPerUpdate(), scope: "0.weight", measured) - atan(0.2)) < 1e-12)
    let rate = { try value(RealisedEffectiveLearningRate(), scope: $0, measured) }
    #expect(abs(try rate("0.weight") - 1 / (2.0.squareRoot() * 5)) < 1e-15)
    // The network's is that of its hidden weights.
    #expect(abs(try rate("") - 0.5 / (8.0.squareRoot() * 2)) < 1e-15)
    #expect(try value(GradientNorm(), measured) == 10)
  }

  @Test func `gradients of examples: cosines and conflict`() throws {
    // g = 2 (w x − y) x: examples at right angles, alike, and opposed by their targets.
    let inputs = [[1.0, 0], [0, 2], [3, 0]]
    let one = subject([linear([[1, 1]])], inputs, targets: [[0], [0], [9]])
    expectClose(
      try GradientCovariance().cosines(one), matrix([[1, 0, -1], [0, 1, 0], [-1, 0, 1]]))
    #expect(abs(try value(GradientCovariance(), metric: "gradient_cosine", one) + 1.0 / 3) < 1e-12)
    let conflict = try value(GradientCovariance(), metric: "gradient_conflict", one)
    #expect(abs(conflict - 1.0 / 3) < 1e-12)
    // An example that is met has no gradient, and no cosine with any other.
    let met = subject([linear([[1, 1]])], [[1, 0], [2, 0], [5, 0]], targets: [[1], [0], [0]])
    #expect(try value(GradientCovariance(), metric: "gradient_cosine", met) == 1)
    let all = subject([linear([[1, 1]])], [[1, 0], [2, 0]], targets: [[1], [2]])
    guard case .undefined(.zero) = GradientCovariance().readings(of: all)[0].outcome else {
      Issue.record("\(GradientCovariance().readings(of: all))")
      return
    }
  }

  @Test func `the gradient is along a weight, or across a scale-invariant one`() throws {
    // L = w² x²: g is along w.
    let along = subject([linear([[3]])], [[2]], targets: [[0]])
    #expect(abs(try value(GradientWeightCosine(), along) - 1) < 1e-12)
    let layers: [any Layer] = [
      linear([[1, 2], [3, -1], [0.5, 1]], isOutput: false),
      LayerNorm(epsilon: 0, dtype: .float64), Tanh(), linear([[1, -2, 1]]),
    ]
    let across = subject(layers, [[1, 2], [0.3, -1]], targets: [[4], [1]])
    #expect(abs(try value(GradientWeightCosine(), scope: "0.weight", across)) < 1e-12)
    #expect(abs(try value(GradientWeightCosine(), scope: "3.weight", across)) > 1e-3)
  }

  @Test func `Jacobians and tangent kernel of a linear map`() throws {
    // f = W x with K = 2: ‖∂f/∂W‖² = K ‖x‖², ‖∂f/∂x‖ = ‖W‖, Θ = x_i · x_j.
    let one = subject([linear([[1, 2], [2, 4]])], [[3, 0], [0, 1]])
    #expect(abs(try value(ParameterJacobianNorm(), one) - 10.0.squareRoot()) < 1e-12)
    #expect(abs(try value(InputJacobianNorm(), one) - 5) < 1e-12)
    expectClose(try TangentKernel().kernel(one), matrix([[9, 0], [0, 1]]))
    #expect(try TangentKernel().spectrum(one).map { ($0 * 1e9).rounded() / 1e9 } == [9, 1])
    let entropy = -(0.9 * log(0.9) + 0.1 * log(0.1))
    let rank = try value(TangentKernel(), metric: "tangent_kernel_rank", one)
    #expect(abs(rank - exp(entropy)) < 1e-9)
  }

  @Test func `a frozen parameter is no part of a Jacobian`() throws {
    let layers = [linear([[2, 0], [0, 2]], isOutput: false), linear([[1, 1]])]
    layers[0].weight.isTrainable = false
    // Only the last weight counts: ‖∂f/∂w‖ = ‖2x‖.
    #expect(
      abs(try value(ParameterJacobianNorm(), subject(layers, [[3, 4]])) - 10) < 1e-12)
  }

  @Test func `sharpness of a quadratic, of a saddle, and of a plane`() throws {
    let exact = Sharpness(exampleLimit: 9, tolerance: 1e-9, iterationLimit: 30)
    // H = 2/N XᵀX with X = diag(1, 2).
    let bowl = subject([linear([[5, 5]])], [[1, 0], [0, 2]], targets: [[0], [0]])
    #expect(abs(try value(exact, bowl) - 4) < 1e-9)
    // L = (v w − 3)² at the origin: eigenvalues ±6, which plain power iteration never tells apart.
    let saddle = subject(
      [linear([[0]], isOutput: false), linear([[0]])], [[1]], targets: [[3]])
    #expect(abs(try value(exact, saddle) - 6) < 1e-9)
    let plane = subject([linear([[1, 1]])], [[0, 0]], targets: [[1]])
    #expect(try value(exact, plane) == 0)
    let hasty = Sharpness(exampleLimit: 9, tolerance: 1e-9, iterationLimit: 1)
    guard case .undefined(.notConverged(1, let estimate)) = hasty.readings(of: bowl)[0].outcome
    else {
      Issue.record("\(hasty.readings(of: bowl))")
      return
    }
    #expect(estimate > 1 && estimate < 4)
  }

  @Test func `changes of patterns and features since the reference`() throws {
    let layer = linear([[1], [-1], [1]], isOutput: false)
    let layers: [any Layer] = [layer, ReLU(), linear([[1, 1, 1]])]
    let probes = [[1.0], [-2]]
    let reference = DiagnosticReference(subject(layers, probes))
    let same = subject(layers, probes, reference: reference)
    #expect(try value(ActivationPatternChange(), same) == 0)
    #expect(try value(FeatureChange(), same) == 0)
    // The first unit turns round: two entries differ.
    layer.weight.assign(matrix([[-1], [-1], [1]]))
    let turned = subject(layers, probes, reference: reference)
    #expect(abs(try value(ActivationPatternChange(), turned) - 2.0.squareRoot()) < 1e-12)
    // Features (1, 0, 1), (0, 2, 0), norm² 6; then (0, 0, 1), (2, 2, 0), norm² 9.
    let (first, second) = (2.0 / 6 - 1.0 / 9, 4.0 / 6 - 8.0 / 9)
    let expected = (first * first + second * second).squareRoot()
    #expect(abs(try value(FeatureChange(), turned) - expected) < 1e-12)
    // What was saved is the same reference.
    let saved = try #require(
      DiagnosticReference(
        restoring: Dictionary(uniqueKeysWithValues: reference.namedTensors.map { ($0, $1) })))
    let again = subject(layers, probes, reference: saved)
    #expect(FeatureChange().readings(of: again) == FeatureChange().readings(of: turned))
    #expect(
      ActivationPatternChange().readings(of: again)
        == ActivationPatternChange().readings(of: turned))
  }

  @Test func `reasons are words, and outcomes survive JSON`() throws {
    let outcomes: [DiagnosticOutcome] = [
      .value(1.5), .undefined(.emptyBatch), .undefined(.tooFewExamples(found: 1, needed: 2)),
      .undefined(.noLayer("rectifier")), .undefined(.notGiven("labels were")),
      .undefined(.notFinite("x")), .undefined(.zero("y")), .undefined(.tooLarge("z")),
      .undefined(.notConverged(iterations: 3, estimate: 2)),
    ]
    let data = try JSONEncoder().encode(outcomes)
    #expect(try JSONDecoder().decode([DiagnosticOutcome].self, from: data) == outcomes)
    let words = outcomes.compactMap { $0.reason?.description }
    #expect(Set(words).count == 8 && words.allSatisfy { !$0.hasSuffix(".") })
    #expect(DiagnosticOutcome(finite: .nan, "it").number == nil)
  }
}
