import TestSupport
import Testing

@testable import Reinforcement

@Suite("A sum tree")
struct SumTreeTests {
  @Test("Random changes give the sums and the draws of a plain list")
  func againstAList() {
    var random = SplitMix(state: 4)
    var tree = SumTree()
    var plain: [Double] = []
    for round in 0..<600 {
      // Multiples of 1/4 have exact sums, so borders between leaves are met on the very number.
      let weight = Double(Int.random(in: 0...8, using: &random)) / 4
      if plain.isEmpty || Int.random(in: 0..<3, using: &random) == 0 {
        tree.set(plain.count, to: weight)
        plain.append(weight)
      } else {
        let index = Int.random(in: 0..<plain.count, using: &random)
        tree.set(index, to: weight)
        plain[index] = weight
      }
      #expect(tree.count == plain.count && Array(tree.leaves) == plain)
      let total = plain.reduce(0, +)
      #expect(tree.total == total)
      guard total > 0, round.isMultiple(of: 5) else { continue }
      for target in stride(from: 0, to: total, by: 0.25) {
        var (expected, before) = (0, 0.0)
        while before + plain[expected] <= target {
          before += plain[expected]
          expected += 1
        }
        #expect(tree.index(at: target) == expected)
      }
    }
  }

  @Test("Rebuilt from its leaves it is the same, bit for bit, after any changes")
  func rebuild() {
    var random = SplitMix(state: 8)
    var tree = SumTree()
    for index in 0..<777 { tree.set(index, to: .random(in: 0...3, using: &random)) }
    for _ in 0..<5_000 {
      tree.set(.random(in: 0..<777, using: &random), to: .random(in: 0...1e3, using: &random))
    }
    #expect(SumTree(leaves: tree.leaves) == tree)
    for index in 0..<777 { tree.set(index, to: 0.5) }
    #expect(tree.total == 388.5, "nothing of earlier weights may stay in the sums")
  }

  @Test("Weights of zero are never drawn, not even at or past the end of the total")
  func zeros() {
    var tree = SumTree(leaves: [0, 0, 0.1, 0, 0.2, 0, 0])
    for step in 0...1_000 {
      let index = tree.index(at: tree.total * Double(step) / 1_000)
      #expect(index == 2 || index == 4)
    }
    #expect(tree.index(at: tree.total.nextUp) == 4)
    tree.set(4, to: 0)
    #expect(tree.index(at: 0.1) == 2)
  }
}
