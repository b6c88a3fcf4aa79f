import Foundation
import Testing

@testable import Torch

@Suite struct SeededGeneratorTests {
  @Test("Numbers equal an independent xoshiro256** seeded by SplitMix64")
  func goldens() {
    var generator = SeededGenerator(seed: 42)
    #expect(
      (0..<5).map { _ in generator.next() } == [
        0x1578_0b2e_0c2e_c716, 0x6104_d986_6d11_3a7e, 0xae17_5332_39e4_99a1,
        0xecb8_ad47_03b3_60a1, 0xfde6_dc7f_e2ec_5e64,
      ])
  }

  @Test("A permutation equals the golden and holds every number once")
  func permutation() {
    var generator = SeededGenerator(seed: 42)
    #expect(generator.permutation(of: 10) == [9, 1, 4, 2, 8, 7, 6, 5, 3, 0])
    // Here the last exchange, of the first two places, takes effect.
    var other = SeededGenerator(seed: 3)
    #expect(other.permutation(of: 8) == [6, 0, 3, 7, 2, 1, 4, 5])
    #expect(generator.permutation(of: 1_000).sorted() == Array(0..<1_000))
    #expect(generator.permutation(of: 0).isEmpty)
    #expect(generator.permutation(of: 1) == [0])
  }

  @Test("Bounded draws are uniform: chi-squared of 7 cells stays below its 99.9 % point")
  func uniform() {
    var generator = SeededGenerator(seed: 3)
    var counts = [Double](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[generator.index(below: 7)] += 1 }
    let chiSquared = counts.reduce(0) { $0 + ($1 - 10_000) * ($1 - 10_000) / 10_000 }
    #expect(chiSquared < 22.46, "\(counts)")
    let mean = (0..<10_000).reduce(0.0) { sum, _ in sum + generator.uniform() } / 10_000
    #expect(abs(mean - 0.5) < 0.012)
  }

  @Test("Named splits differ from one another and leave the generator where it was")
  func splits() {
    let generator = SeededGenerator(seed: 1)
    var (first, again, other) = (generator.split("a"), generator.split("a"), generator.split("b"))
    var moved = generator
    #expect(first.next() == again.next())
    #expect(first.next() != other.next())
    #expect(generator == SeededGenerator(seed: 1))
    _ = moved.next()
    #expect(moved != generator)
    #expect(moved.split("a") != generator.split("a"))
  }

  @Test("The state survives JSON, and a damaged one is refused")
  func coding() throws {
    var generator = SeededGenerator(seed: .max)
    for _ in 0..<9 { _ = generator.next() }
    let data = try JSONEncoder().encode([generator])
    var read = try #require(JSONDecoder().decode([SeededGenerator].self, from: data).first)
    #expect(read == generator)
    #expect(read.next() == generator.next())
    let zero = String(repeating: "0", count: 64)
    let signed = "+" + String(repeating: "1", count: 63)
    for text in ["", "12", zero, signed, String(repeating: "g", count: 64)] {
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode([SeededGenerator].self, from: Data("[\"\(text)\"]".utf8))
      }
    }
  }
}
