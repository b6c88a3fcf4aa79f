import Testing
import Texts

@testable import Dashboard

@Suite("Numbers as people read them")
struct FormatTests {
  @Test(
    "Significant digits",
    arguments: [
      (0.98765, "0.988"), (12.345, "12.3"), (1234.5, "1234"), (0, "0"), (-0.5, "−0.500"),
      (1.2345e-5, "1.23e-5"), (2e7, "2e7"), (.nan, "NaN"), (.infinity, "∞"), (-.infinity, "−∞"),
    ])
  func significant(value: Double, expected: String) {
    #expect(Format.significant(value) == expected)
  }

  @Test("Signs and fixed decimals")
  func signed() {
    #expect(Format.signed(0.0123) == "+0.012")
    #expect(Format.signed(-0.0123) == "−0.012")
    #expect(Format.signed(0.0001) == "0.000")
    #expect(Format.signed(-0.0001) == "0.000")
    #expect(Format.fixed(-0.0001) == "0.000")
    #expect(Format.signed(nil) == "–")
  }

  @Test("Learning rates, p-values, times, memory, lists")
  func others() {
    #expect(Format.rate(3e-4) == "3e-4")
    #expect(Format.rate(6.25e-5) == "6.25e-5")
    #expect(Format.rate(0.05) == "0.0500")
    #expect(Format.plain(0.01) == "0.01")
    #expect(Format.probability(0.0004) == "<0.001")
    #expect(Format.probability(0.04) == "0.040")
    #expect(Format.duration(4.25) == "4.2 s")
    #expect(Format.duration(600) == "10 min")
    #expect(Format.duration(9000) == "2.5 h")
    #expect(Format.bytes(512 << 20) == "512 MiB")
    #expect(Format.bytes(3 << 29) == "1.5 GiB")
    #expect(Format.list([]) == "")
    #expect(Format.list(["a"]) == "a")
    #expect(Format.list(["a", "b", "c"]) == "a, b and c")
    #expect(Format.count(1, "seed") == "1 seed")
    #expect(Format.count(2, "seed") == "2 seeds")
  }
}
