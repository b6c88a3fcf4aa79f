import Testing

@testable import Datasets
import Torch

@Suite struct LabelAssignmentTests {
  @Test("Random labels use all classes evenly")
  func random() throws {
    var generator = SeededGenerator(seed: 2)
    let labels = try LabelAssignment(random: 10_000, classCount: 10, using: &generator).labels
    var counts = [Double](repeating: 0, count: 10)
    for label in labels { counts[label] += 1 }
    let chiSquared = counts.reduce(0) { $0 + ($1 - 1_000) * ($1 - 1_000) / 1_000 }
    #expect(chiSquared < 27.88, "99.9 % point of 9 degrees of freedom; \(counts)")
  }

  @Test("A share re-draws that many examples, of which one in ten keeps its label by chance")
  func share() throws {
    var generator = SeededGenerator(seed: 2)
    let before = try LabelAssignment(random: 10_000, classCount: 10, using: &generator)
    for share in [0.1, 0.5, 1.0] {
      let after = try before.redrawn(share: share, using: &generator)
      let changed = Double(zip(before.labels, after.labels).filter { $0 != $1 }.count)
      let expected = 9_000 * share
      #expect(abs(changed - expected) < 4 * (900 * share).squareRoot(), "share \(share)")
      #expect(changed <= 10_000 * share)
    }
  }

  @Test("Share 0 changes nothing, not even the generator; the same seed draws the same labels")
  func edges() throws {
    var generator = SeededGenerator(seed: 2)
    let before = try LabelAssignment(random: 100, classCount: 10, using: &generator)
    var copy = generator
    #expect(try before.redrawn(share: 0, using: &copy) == before)
    #expect(copy == generator)
    let first = try before.redrawn(share: 1, using: &copy)
    #expect(try before.redrawn(share: 1, using: &generator) == first)
    #expect(copy == generator)
    // Half of five is rounded up to three.
    let five = try LabelAssignment(labels: [0, 0, 0, 0, 0], classCount: 1_000_000)
    let redrawn = try five.redrawn(share: 0.5, using: &generator)
    #expect(redrawn.labels.filter { $0 != 0 }.count == 3)
  }

  @Test("Shares outside 0...1, empty counts and labels without a class are refused")
  func refusals() throws {
    var generator = SeededGenerator(seed: 2)
    let labels = try LabelAssignment(labels: [0, 1], classCount: 2)
    for share in [-0.1, 1.1, .nan, .infinity] {
      let error = try datasetError { _ = try labels.redrawn(share: share, using: &generator) }
      #expect(error.kind == .invalidRequest)
      #expect(error.expected.contains("0...1"))
    }
    #expect(
      try datasetError { _ = try LabelAssignment(labels: [0, 2], classCount: 2) }.kind
        == .labelOutOfRange)
    #expect(
      try datasetError {
        _ = try LabelAssignment(random: 0, classCount: 2, using: &generator)
      }.kind == .invalidRequest)
  }
}
