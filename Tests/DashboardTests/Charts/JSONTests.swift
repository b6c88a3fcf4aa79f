import Foundation
import Testing
import Texts

@testable import Dashboard

@Suite("JSON as written into a page")
struct JSONTests {
  @Test("Text is read back by another parser as it was")
  func readBack() throws {
    let strings = ["a\"b\\c\n\t\u{1}", "</script><!--", "ünï 💡 \u{2028}", ""]
    let value: JSON = [
      "strings": .array(strings.map(JSON.string)), "number": 0.1, "whole": 3, "big": 1e300,
      "yes": true, "nothing": nil, "nested": ["a": [1, -2.5]],
    ]
    let found = try #require(
      try JSONSerialization.jsonObject(with: Data(value.text.utf8)) as? [String: Any])
    #expect(found["strings"] as? [String] == strings)
    #expect(found["number"] as? Double == 0.1)
    #expect(found["big"] as? Double == 1e300)
    #expect((found["nested"] as? [String: [Double]])?["a"] == [1, -2.5])
    #expect(found["nothing"] is NSNull)
  }

  @Test("Nothing in it can end a script element, and what is not finite is null")
  func safe() {
    #expect(!JSON.string("</script>").text.contains("<"))
    #expect(JSON.array([.number(.nan), .number(.infinity)]).text == "[null,null]")
    #expect(JSON.rounded(.nan) == .null)
    #expect(JSON.rounded(0.123456789) == .number(0.123457))
    #expect(JSON.object(["b": 1, "a": 2]).text == #"{"a":2,"b":1}"#)
  }

  @Test("A field's name with dots and brackets is one name")
  func fieldPath() {
    #expect(JSON.fieldPath("nap 1.5 [x]") == "nap 1\\.5 \\[x\\]")
  }
}
