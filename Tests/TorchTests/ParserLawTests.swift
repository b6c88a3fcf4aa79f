import Foundation
import TestSupport
import Testing

/// The law of parsers finds what it is there to find, and damaged inputs repeat.
@Suite struct ParserLawTests {
  private struct Refusal: Error, CustomStringConvertible {
    var description: String
  }
  private struct Stranger: Error {}

  private static func tally(
    factor: Int = 1, large: [UInt8] = [], _ parse: (ParserLaw.Input) throws -> Void
  ) -> ParserLaw.Tally {
    ParserLaw(
      "law", seeds: [Array("a=1;b=2".utf8)], words: ["=", ";"], factor: factor, large: large,
      deadlineSeconds: 1
    ).tally(isRefusal: { $0 is Refusal }, parse)
  }

  #if os(Linux)
    @Test func `each kind of violation is found, and a lawful parser has none`() async {
      await #expect(processExitsWith: .success) {
        let lawful = Self.tally { input in
          if input.bytes.count % 2 == 0 { throw Refusal(description: "\(input.path): odd") }
        }
        #expect(lawful.violations.isEmpty && lawful.sound > 0 && lawful.refused["Refusal"] ?? 0 > 0)
        let nameless = Self.tally {
          if $0.bytes.count % 2 == 0 { throw Refusal(description: "odd") }
        }
        #expect(nameless.violations.contains { $0.contains("names no") })
        let foreign = Self.tally { if $0.bytes.count % 2 == 0 { throw Stranger() } }
        #expect(foreign.violations.contains { $0.contains("Stranger") })
        let long = Self.tally { input in
          if input.bytes.count % 2 == 0 { throw Refusal(description: input.path + "\n") }
        }
        #expect(long.violations.contains { $0.contains("several lines") })
        let refusing = Self.tally { throw Refusal(description: $0.path) }
        #expect(refusing.violations.contains { $0.contains("the sound input 0 is refused") })
        let greedy = Self.tally { input in
          if input.bytes.count > 20 {
            let bytes = [UInt8](repeating: 1, count: 12 << 20)
            #expect(bytes.last == 1)
          }
        }
        #expect(greedy.violations.contains { $0.contains("bytes of memory") })
        let proportional = Self.tally(factor: 4, large: .init(repeating: 1, count: 2 << 20)) {
          input in
          let bytes = [UInt8](repeating: 1, count: 8 * input.bytes.count)
          #expect(bytes.count == 8 * input.bytes.count)
        }
        #expect(proportional.violations.contains { $0.contains("input -1") })
      }
    }

    @Test func `a parser that hangs, or reserves what is never there, ends the process`() async {
      await #expect(processExitsWith: .signal(SIGABRT)) {
        _ = Self.tally { input in
          while input.bytes.count > 20 { usleep(1000) }
        }
      }
      await #expect(processExitsWith: .failure) {
        _ = Self.tally { input in
          if input.bytes.count > 20 {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(8 << 30)
            #expect(bytes.isEmpty)
          }
        }
      }
    }
  #endif

  @Test func `input n is the same whatever came before it, and inputs differ`() {
    let seeds = [Array("some text with 12 and 345".utf8), [UInt8](repeating: 7, count: 300)]
    let mutator = Mutator(seeds, words: ["{"], name: "a")
    let inputs = (0..<200).map(mutator.input)
    #expect(inputs == (0..<200).map(Mutator(seeds, words: ["{"], name: "a").input))
    #expect(Set(inputs).count > 180)
    #expect(inputs != (0..<200).map(Mutator(seeds, words: ["{"], name: "b").input))
    #expect(inputs.allSatisfy { $0.count <= mutator.mostBytes })
    let texts = inputs.map { String(decoding: $0, as: UTF8.self) }
    #expect(texts.contains { $0.contains("9223372036854775807") })
    #expect(inputs.contains { $0.count > 5_000 } && inputs.contains { $0.count < 10 })
  }
}
