import Foundation
import Networks
import Testing
import Torch

@testable import Experiments

@Suite("Mixed examples")
struct ImageMixingTests {
  private let batch = TaskBatch(
    inputs: Tensor.uniform([6, 2, 8, 10], generator: Generator(seed: 3)).converted(to: .float64),
    targets: Tensor([0, 1, 2, 3, 4, 5]))

  private func mixed(mixup: Double = 0, cutmix: Double = 0, seed: UInt64) -> TaskBatch {
    var mixing = ImageMixing()
    (mixing.mixup, mixing.cutmix) = (mixup, cutmix)
    return mixing.mixed(batch, SeededGenerator(seed: seed))
  }

  @Test("mixup is λ x + (1 − λ) x_π, and its loss that of both targets by the equation")
  func mixup() throws {
    for seed in 0..<5 as Range<UInt64> {
      let result = mixed(mixup: 0.4, seed: seed)
      let mixture = try #require(result.mixture)
      let permutation = mixture.targets.array(of: Int.self)
      #expect(permutation.sorted() == Array(0..<6) && (0...1).contains(mixture.fraction))
      let (own, found) = (batch.inputs.doubles, result.inputs.doubles)
      for place in found.indices {
        let other = own[permutation[place / 160] * 160 + place % 160]
        let expected = mixture.fraction * own[place] + (1 - mixture.fraction) * other
        #expect(abs(found[place] - expected) < 1e-12)
      }
      let logits = Tensor.normal([6, 7], generator: Generator(seed: 9)).converted(to: .float64)
      let smoothed = Loss.crossEntropy(labelSmoothing: 0.1)
      #expect(
        abs(
          result.loss(smoothed, logits).item
            - slowLoss(logits, permutation, mixture.fraction, smoothing: 0.1)) < 1e-12)
      let main = mixture.fraction < 0.5 ? permutation : Array(0..<6)
      #expect(result.mainTargets.array(of: Int.self) == main)
    }
  }

  /// The cross entropy of soft targets, written out.
  private func slowLoss(
    _ logits: Tensor, _ others: [Int], _ fraction: Double, smoothing: Double
  ) -> Double {
    let (values, classes) = (logits.doubles, 7)
    var sum = 0.0
    for row in 0..<6 {
      let own = Array(values[row * classes..<(row + 1) * classes])
      let total = Foundation.log(own.map { Foundation.exp($0) }.reduce(0, +))
      for index in own.indices {
        var target = smoothing / Double(classes)
        if index == row { target += (1 - smoothing) * fraction }
        if index == others[row] { target += (1 - smoothing) * (1 - fraction) }
        sum -= target * (own[index] - total)
      }
    }
    return sum / 6
  }

  @Test("CutMix puts a box of the other image in, and λ is what is left of the first")
  func cutmix() throws {
    var isCut = false
    for seed in 0..<8 as Range<UInt64> {
      let result = mixed(cutmix: 1, seed: seed)
      let mixture = try #require(result.mixture)
      let permutation = mixture.targets.array(of: Int.self)
      let (own, found) = (batch.inputs.doubles, result.inputs.doubles)
      var places: Set<Int> = []
      for place in found.indices where permutation[place / 160] != place / 160 {
        guard found[place] != own[place] else { continue }
        #expect(found[place] == own[permutation[place / 160] * 160 + place % 160])
        places.insert(place % 80)
      }
      #expect(abs(mixture.fraction - (1 - Double(places.count) / 80)) < 1e-12)
      let (rows, columns) = (Set(places.map { $0 / 10 }), Set(places.map { $0 % 10 }))
      #expect(places.count == rows.count * columns.count)
      isCut = isCut || !places.isEmpty
    }
    #expect(isCut)
  }

  @Test("Equal numbers give equal batches; a batch of one and no α leave it as it is")
  func draws() {
    let (one, other) = (mixed(mixup: 1, cutmix: 1, seed: 4), mixed(mixup: 1, cutmix: 1, seed: 4))
    #expect(one.inputs.isIdentical(to: other.inputs))
    #expect(mixed(seed: 4).mixture == nil)
    var mixing = ImageMixing()
    mixing.mixup = 1
    let single = TaskBatch(inputs: batch.inputs[0..<1], targets: batch.targets[0..<1])
    #expect(mixing.mixed(single, SeededGenerator(seed: 1)).mixture == nil)
  }

  @Test("Beta(α, α) has mean 1/2 and variance 1 / (4 (2α + 1))", arguments: [0.01, 0.2, 1, 8])
  func beta(alpha: Double) {
    var generator = SeededGenerator(seed: 5)
    let values = (0..<20_000).map { _ in generator.beta(alpha) }
    let mean = values.reduce(0, +) / 20_000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    let expected = 1 / (4 * (2 * alpha + 1))
    #expect(values.allSatisfy { (0...1).contains($0) })
    #expect(abs(mean - 0.5) < 4 * (expected / 20_000).squareRoot())
    #expect(abs(variance - expected) < 0.03 * expected)
  }
}
