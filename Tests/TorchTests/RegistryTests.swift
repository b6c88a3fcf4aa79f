import Testing
import Torch

@Suite("A list that programs add to")
struct RegistryTests {
  private func list() -> Registry<String> { Registry("method", ["redo", "l2", "clip"]) { $0 } }

  @Test(
    "A member stands where it says",
    arguments: [
      (RegistryPlace.last, ["redo", "l2", "clip", "own"]),
      (.before("l2"), ["redo", "own", "l2", "clip"]),
      (.after("l2"), ["redo", "l2", "own", "clip"]),
      (.before("redo"), ["own", "redo", "l2", "clip"]),
      (.after("clip"), ["redo", "l2", "clip", "own"]),
    ])
  func places(place: RegistryPlace, expected: [String]) throws {
    let list = list()
    try list.add("own", at: place)
    #expect(list.all == expected)
    #expect(list["own"] == "own" && list["other"] == nil)
  }

  @Test(
    "What cannot be added is told with the reason, and changes nothing",
    arguments: [
      ("l2", RegistryPlace.last, "there is a method 'l2' already"),
      ("all", .last, "other than all and none"), ("none", .last, "other than all and none"),
      ("", .last, "expected a name of letters"), ("a+b", .last, "expected a name of letters"),
      ("a.b", .last, "expected a name of letters"), ("-a", .last, "expected a name of letters"),
      ("own", .before("redi"), "beside 'redi', and there is no such method; did you mean redo"),
    ])
  func refused(name: String, place: RegistryPlace, expected: String) throws {
    let list = list()
    let error = try #require(throws: RegistryError.self) { try list.add(name, at: place) }
    #expect(error.description.contains(expected), "\(error)")
    #expect(list.all == ["redo", "l2", "clip"])
  }

  @Test("Members that are added at once are all there, each once")
  func atOnce() async {
    let list = Registry<Int>("number") { "\($0)" }
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<100 { group.addTask { try? list.add(number % 50) } }
    }
    #expect(list.all.sorted() == Array(0..<50))
  }
}
