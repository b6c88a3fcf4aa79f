import Foundation
import Networks
import Plasticity
import Testing

@Suite("Every method has a page that keeps up with it")
struct MethodPageTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "docs/methods")

  private func page(_ name: String) throws -> String {
    try String(contentsOf: Self.folder.appending(path: "\(name).md"), encoding: .utf8)
  }

  @Test(
    "with every setting in its table, its own name, and its place in the index",
    arguments: Lively.names)
  func settings(name: String) throws {
    let text = try page(name)
    let method = try #require(Interventions.named(name))
    let encoded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(Holder(method)))
    let settings = try #require((encoded as? [String: [String: Any]])?["methods"]?[name])
    for key in try #require(settings as? [String: Any]).keys {
      #expect(text.contains("| `\(key)` |"), "\(name).md has no row for \(key)")
    }
    #expect(text.contains("--methods none,\(name)"))
    #expect(try page("README").contains("(\(name).md)"))
  }

  @Test("and no page is left over")
  func leftOver() throws {
    let pages = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
      .filter { $0.hasSuffix(".md") }.map { String($0.dropLast(3)) }
    #expect(
      Set(pages).subtracting(Lively.names) == ["README", "normalize-and-project"], "\(pages)")
  }

  private struct Holder: Encodable {
    var methods: InterventionSet
    init(_ method: any Intervention) { methods = InterventionSet([method]) }
  }
}
