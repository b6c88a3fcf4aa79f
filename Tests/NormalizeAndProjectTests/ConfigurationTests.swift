import Foundation
import NormalizeAndProject
import Testing

@Suite("The method is a value that is written and read")
struct ConfigurationTests {
  let full = NaP(
    normalization: Normalization(.group(count: 8), axes: .channels, epsilon: 1e-6),
    projection: Projection(roles: [.noise, .weight], grouping: .joint, every: 1_000),
    scaleAndOffset: .decay(rate: 0.01))

  @Test("Reading what was written gives an equal value, and equal values have equal text")
  func roundTrip() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    for value in [full, .plain, .normOnly, .projectOnly, .both] {
      let text = try encoder.encode(value)
      #expect(try JSONDecoder().decode(NaP.self, from: text) == value)
    }
    let text = String(decoding: try encoder.encode(full), as: UTF8.self)
    #expect(text.contains("\"group:8\""))
    #expect(text.contains("\"decay:0.01\""))
    #expect(text.contains("[\"weight\",\"noise\"]"))
  }

  @Test("The four arms are one configuration with parts left out")
  func arms() {
    #expect(full.normOnly.normalization == full.normalization)
    #expect(full.normOnly.projection.roles.isEmpty)
    #expect(full.normOnly.scaleAndOffset == .free)
    #expect(full.projectOnly.projection == full.projection)
    #expect(full.projectOnly.normalization.kind == .none)
    #expect(full.plain.normalization.kind == .none && full.plain.projection.roles.isEmpty)
    #expect(Set([NaP.plain, .normOnly, .projectOnly, .both]).count == 4)
  }

  @Test(
    "A text that is no choice is refused with the choices",
    arguments: ["layers", "group:0", "group:", "batch"])
  func unknownKind(text: String) {
    let error = #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Normalization.Kind.self, from: Data("\"\(text)\"".utf8))
    }
    #expect("\(String(describing: error))".contains("rms"))
  }

  @Test("A period below one and a negative decay are refused")
  func refusedNumbers() {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Projection.self, from: Data("{\"every\":0}".utf8))
    }
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(ScaleAndOffset.self, from: Data("\"decay:-1\"".utf8))
    }
  }
}
