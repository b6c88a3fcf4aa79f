import Testing

@testable import Statistics

@Suite("The rules of evidence")
struct EvidenceTests {
  private func scores(_ values: [Double]) -> [Int: Double] {
    Dictionary(uniqueKeysWithValues: values.enumerated().map { ($0.offset, $0.element) })
  }

  /// The word for a difference that is asked about by itself.
  private func word(
    _ difference: PairedDifference, margin: Double, higherIsBetter: Bool
  ) -> NonInferiority {
    NonInferiority(
      BoundTest.answers(
        to: [.init(difference, margin: margin, higherIsBetter: higherIsBetter)])[0])
  }

  @Test("Fewer than five seeds give no interval and no p-value")
  func tooFew() {
    let four = PairedDifference(scores([1, 2, 3, 4]), minus: scores([0, 0, 0, 0]))
    #expect(four.interval == nil && four.pValue == nil)
    #expect(word(four, margin: 0.01, higherIsBetter: true) == .tooFewSeeds)
    let five = PairedDifference(scores([1, 2, 3, 4, 5]), minus: scores([0, 0, 0, 0, 0]))
    #expect(five.interval != nil && five.pValue != nil)
  }

  @Test("Only seeds that both arms have are paired, and the others are named")
  func pairing() {
    let difference = PairedDifference([1: 5, 2: 6, 9: 1], minus: [2: 1, 1: 3, 4: 0])
    #expect(difference.seeds == [1, 2])
    #expect(difference.differences.values == [2, 5])
    #expect(difference.unpairedSeeds == [4, 9])
  }

  @Test("Equal differences have p 1 at zero and 0 elsewhere")
  func degenerate() {
    let base = scores([1, 2, 3, 4, 5])
    #expect(PairedDifference(base, minus: base).pValue == 1)
    #expect(PairedDifference(scores([2, 3, 4, 5, 6]), minus: base).pValue == 0)
  }

  @Test("No harm, harm and undecided are told apart for scores that rise and that fall")
  func nonInferiority() {
    let base = scores([0.5, 0.6, 0.7, 0.8, 0.9])
    func verdict(_ shift: Double, spread: Double, higherIsBetter: Bool) -> NonInferiority {
      let noise = [-1.0, 1, -0.5, 0.5, 0]
      let values = base.mapValues { $0 + shift }.reduce(into: [:]) { result, entry in
        result[entry.key] = entry.value + spread * noise[entry.key]
      }
      return word(
        PairedDifference(values, minus: base), margin: 0.01, higherIsBetter: higherIsBetter)
    }
    #expect(verdict(-0.002, spread: 0.001, higherIsBetter: true) == .noHarm)
    #expect(verdict(-0.05, spread: 0.001, higherIsBetter: true) == .harm)
    #expect(verdict(-0.005, spread: 0.1, higherIsBetter: true) == .undecided)
    #expect(verdict(0.002, spread: 0.001, higherIsBetter: false) == .noHarm)
    #expect(verdict(0.05, spread: 0.001, higherIsBetter: false) == .harm)
    #expect(verdict(-0.05, spread: 0.001, higherIsBetter: false) == .noHarm)
  }

  @Test("The rolling mean is centred, shrinks at the ends and passes over what is not finite")
  func smoothing() {
    #expect(rollingMean([1, 2, 3, 4, 9], window: 3) == [1.5, 2, 3, 16.0 / 3, 6.5])
    #expect(rollingMean([1, .nan, 3], window: 3) == [1, 2, 3])
    #expect(rollingMean([1, 5], window: 1) == [1, 5])
    #expect(rollingMean([.nan], window: 1)[0].isNaN)
  }
}
