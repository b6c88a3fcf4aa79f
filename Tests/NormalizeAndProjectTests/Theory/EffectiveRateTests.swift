import Networks
import NormalizeAndProject
import Testing
import Torch

/// METHOD section 2, T6 and T7: what figure 3 of the paper compares.
@Suite("Projection and layer-wise learning rates follow the same trajectory")
struct EffectiveRateTests {
  /// How an unprojected run rescales its learning rate.
  enum Rescaling { case none, global, layerWise }

  static let steps = 300
  static let rate = 0.05

  /// The losses of gradient descent with projection after every update.
  func projected(
    epsilon: Double,
    rate: (_ step: Int, _ layer: Int) -> Double = { _, _ in EffectiveRateTests.rate }
  ) throws -> [Double] {
    let problem = try Problem(Normalization(epsilon: epsilon))
    let projection = try ProjectionState(.both, parameters: problem.parameters)
    return try (0..<Self.steps).map { step in
      var layer = -1
      problem.descend(
        problem.rates(rest: Self.rate) { _ in
          layer += 1
          return rate(step, layer)
        })
      try projection.apply(update: step, learningRate: Self.rate)
      return problem.loss
    }
  }

  /// The losses of gradient descent without it, and the hidden norms before each update.
  func unprojected(
    epsilon: Double, _ rescaling: Rescaling
  ) throws -> (losses: [Double], norms: [[Double]], targetNorms: [Double]) {
    let problem = try Problem(Normalization(epsilon: epsilon))
    let targetNorms = problem.hidden.map(\.norm)
    func total(_ norms: [Double]) -> Double { norms.reduce(0) { $0 + $1 * $1 } }
    var allNorms: [[Double]] = []
    let losses = (0..<Self.steps).map { _ in
      let norms = problem.hidden.map(\.norm)
      allNorms.append(norms)
      var layer = -1
      problem.descend(
        problem.rates(rest: Self.rate) { _ in
          layer += 1
          return switch rescaling {
          case .none: Self.rate
          case .global: Self.rate * total(norms) / total(targetNorms)
          case .layerWise:
            Self.rate * norms[layer] * norms[layer] / (targetNorms[layer] * targetNorms[layer])
          }
        })
      return problem.loss
    }
    return (losses, allNorms, targetNorms)
  }

  func largestGap(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).map { abs($0 - $1) }.max() ?? .infinity
  }

  @Test("T6: layer-wise rescaling is projection over 300 updates; global and no rescaling differ")
  func layerWise() throws {
    let reference = try projected(epsilon: 0)
    #expect(reference[0] - reference[Self.steps - 1] > 0.1, "it learns")
    let layerWise = largestGap(try unprojected(epsilon: 0, .layerWise).losses, reference)
    let global = largestGap(try unprojected(epsilon: 0, .global).losses, reference)
    let none = largestGap(try unprojected(epsilon: 0, .none).losses, reference)
    print("measured T6: layer-wise \(layerWise), global \(global), none \(none)")
    #expect(layerWise < 1e-12)
    #expect(global > 1e-6)
    #expect(none > 1e-5)
  }

  @Test("T6 with ε = 1e-5: layer-wise rescaling agrees up to the effect of ε")
  func layerWiseWithEpsilon() throws {
    let gap = largestGap(
      try unprojected(epsilon: 1e-5, .layerWise).losses, try projected(epsilon: 1e-5))
    print("measured T6 with epsilon 1e-5: layer-wise \(gap)")
    #expect(gap > 1e-12 && gap < 1e-4)
  }

  @Test("T7: projection with η(ρ/‖W‖)² imitates the decay of an unprojected run")
  func imitation() throws {
    let free = try unprojected(epsilon: 0, .none)
    let imitated = try projected(epsilon: 0) { step, layer in
      let ratio = free.targetNorms[layer] / free.norms[step][layer]
      return Self.rate * ratio * ratio
    }
    #expect(largestGap(imitated, free.losses) < 1e-12)
    #expect(largestGap(try projected(epsilon: 0), free.losses) > 1e-5)
  }

  @Test("T7 for Adam: η·ρ/‖W‖ comes closer than the declared rate, without being exact")
  func imitationOfAdam() throws {
    func run(rate: ((Int, Int) -> Double)?) throws -> (losses: [Double], norms: [[Double]]) {
      let problem = try Problem()
      let projection = try ProjectionState(.both, parameters: problem.parameters)
      let groups = [[0], [1], [2, 3]].map { $0.map { problem.parameters[$0].parameter } }
      var adams = groups.map { Adam(for: $0, .init { $0.epsilon = 1e-12 }) }
      var norms: [[Double]] = []
      let losses = try (0..<100).map { step in
        norms.append(problem.hidden.map(\.norm))
        let gradients = problem.gradients()
        for (index, group) in groups.enumerated() {
          let own = index < 2 ? [gradients[index]] : Array(gradients[2...])
          try adams[index].step(
            UpdateRequest(
              parameters: group, gradients: own,
              learningRate: index < 2 ? rate?(step, index) ?? 0.02 : 0.02))
        }
        if rate != nil { try projection.apply(update: step, learningRate: 0) }
        return problem.loss
      }
      return (losses, norms)
    }
    let free = try run(rate: nil)
    let matched = try run { step, layer in 0.02 * free.norms[0][layer] / free.norms[step][layer] }
    let declared = try run { _, _ in 0.02 }
    let (close, far) = (
      largestGap(matched.losses, free.losses), largestGap(declared.losses, free.losses)
    )
    print("measured T7 for Adam: matched \(close), declared \(far)")
    #expect(close < far / 2)
    #expect(close > 1e-9)
  }
}
