import Foundation
import Networks
import TensorTestSupport
import Testing
import Torch

@Suite("Losses and accuracy")
struct LossTests {
  private let logits_BC = Tensor(
    [2.0, 1.0, 0.0, 0.0, 3.0, 3.0, 1.0, 0.0, 5.0], shape: [3, 3])

  @Test("Cross entropy of even logits is the logarithm of the class count")
  func evenLogits() {
    let loss = Loss.crossEntropy(Tensor.zeros([4, 10]), Tensor([0, 3, 9, 1]))
    expectClose(loss.item, log(10), absolute: 1e-6)
  }

  @Test("Without reduction an example has a value each")
  func unreduced() {
    let labels_B = Tensor([0, 1, 2])
    #expect(Loss.crossEntropy(logits_BC, labels_B, reduction: .none).shape == [3])
    #expect(Loss.meanSquaredError(logits_BC, labels_B, reduction: .none).shape == [3, 3])
  }

  @Test("Squared error takes targets of the outputs' shape as they are")
  func squaredError() {
    let targets = Tensor.zeros([3, 3], dtype: .float64)
    expectClose(Loss.meanSquaredError(logits_BC, targets).item, 49 / 9.0, absolute: 1e-12)
  }

  @Test("Accuracy counts the first of equal logits")
  func accuracy() {
    #expect(Accuracy.correctCount(logits_BC, Tensor([0, 1, 0])).integerItem == 2)
    expectClose(Accuracy.fraction(logits_BC, Tensor([0, 2, 0])), 1 / 3.0, absolute: 1e-15)
    #expect(Accuracy.fraction(Tensor.zeros([0, 3]), Tensor([Int]())).isNaN)
  }
}

@Suite("Cross entropy of sequences, smoothed, and with places left out")
struct SequenceLossTests {
  private let logits_BTC = Tensor.normal(
    [2, 3, 4], generator: Generator(seed: 1), dtype: .float64)
  private let labels_BT = Tensor([0, 3, 1, 2, 2, 0], shape: [2, 3])

  /// `−Σ target·log softmax` of a place, written out.
  private func term(_ place: Int, smoothing: Double) -> Double {
    let logits = logits_BTC.reshaped(to: [6, 4])[place].doubles
    let logarithm = log(logits.map { exp($0) }.reduce(0, +))
    let label = labels_BT.reshaped(to: [6]).integers[place]
    return zip(0..<4, logits).reduce(0) { sum, pair in
      let target = (pair.0 == label ? 1 - smoothing : 0) + smoothing / 4
      return sum - target * (pair.1 - logarithm)
    }
  }

  @Test("A sequence's loss is the mean over its places", arguments: [0.0, 0.1, 1])
  func places(smoothing: Double) {
    let loss = Loss.crossEntropy(labelSmoothing: smoothing)
    let terms = (0..<6).map { term($0, smoothing: smoothing) }
    expectClose(
      loss(logits_BTC, labels_BT).item, terms.reduce(0, +) / 6, absolute: 1e-12)
    let each = loss(logits_BTC, labels_BT, reduction: .none)
    #expect(each.shape == [2, 3])
    for (found, term) in zip(each.reshaped(to: [6]).doubles, terms) {
      expectClose(found, term, absolute: 1e-12)
    }
  }

  @Test("Places that are left out count neither in the sum nor in the mean")
  func ignored() {
    let loss = Loss.crossEntropy(labelSmoothing: 0, ignoring: 2)
    let kept = [0, 1, 2, 5].map { term($0, smoothing: 0) }
    expectClose(
      loss(logits_BTC, labels_BT).item, kept.reduce(0, +) / 4, absolute: 1e-12)
  }
}
