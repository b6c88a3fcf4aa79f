import Testing

@testable import Datasets

@Suite("Sums modulo a number")
struct ModularAdditionTests {
  @Test("Every pair is in one part once, with its sum", arguments: ModularAddition.Layout.allCases)
  func partition(layout: ModularAddition.Layout) throws {
    let addition = try ModularAddition(modulus: 11, trainingShare: 0.2, layout: layout)
    let (training, test) = addition.split(seed: 3)
    #expect(training.sums.count == 24 && test.sums.count == 97)
    var seen: Set<[Int]> = []
    for part in [training, test] {
      #expect(part.tokens.count == part.sums.count * addition.length)
      for (index, sum) in part.sums.enumerated() {
        let row = Array(part.tokens[index * addition.length..<(index + 1) * addition.length])
        let (x, y) = (row[0], row[layout == .operands ? 1 : 2])
        #expect((x + y) % 11 == sum)
        #expect(row == addition.row(x, y))
        #expect(row.allSatisfy { (0..<addition.vocabulary).contains($0) })
        #expect(seen.insert([x, y]).inserted)
      }
    }
    #expect(seen.count == 121)
  }

  @Test("Rows are laid out as their names say")
  func layouts() throws {
    #expect(try ModularAddition(modulus: 7).row(2, 5) == [2, 7, 5, 8, 9])
    #expect(try ModularAddition(modulus: 7, layout: .equation).row(2, 5) == [2, 7, 5, 8])
    #expect(try ModularAddition(modulus: 7, layout: .operands).row(2, 5) == [2, 5])
    let source = try ModularAddition()
    #expect(source.modulus == 117 && source.trainingCount == 2_738)
    #expect(source.length == 5 && source.vocabulary == 120)
  }

  @Test("A seed fixes the split, and another one gives another")
  func seeds() throws {
    let addition = try ModularAddition(modulus: 13, trainingShare: 0.5)
    #expect(addition.split(seed: 1).training == addition.split(seed: 1).training)
    #expect(addition.split(seed: 1).training != addition.split(seed: 2).training)
  }

  @Test("Neither part is ever empty")
  func ends() throws {
    #expect(try ModularAddition(modulus: 2, trainingShare: 1e-9).trainingCount == 1)
    #expect(try ModularAddition(modulus: 2, trainingShare: 1 - 1e-9).trainingCount == 3)
  }

  @Test(
    "What cannot be is refused by name",
    arguments: [
      (1, 0.2), (0, 0.2), (-3, 0.2), (2_049, 0.2), (7, 0), (7, 1), (7, -0.1), (7, .nan),
    ])
  func refusals(modulus: Int, share: Double) {
    let error = #expect(throws: DatasetError.self) {
      try ModularAddition(modulus: modulus, trainingShare: share)
    }
    #expect(error?.kind == .invalidRequest)
    #expect(error?.expected.contains(modulus == 7 ? "share" : "modulus") == true)
  }
}
