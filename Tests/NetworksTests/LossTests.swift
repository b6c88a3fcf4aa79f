import Foundation
import Networks
import TestSupport
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
