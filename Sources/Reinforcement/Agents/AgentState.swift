import Foundation

/// How agents save their small values: their own as JSON under `agent`, their trainer's under `trainer.`.
enum AgentState {
  static let trainer = "trainer."

  /// The values of an agent and its trainer.
  static func values(
    _ own: some Encodable, trainer: some NetworkTrainer
  ) throws -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    var values = ["agent": String(decoding: try encoder.encode(own), as: UTF8.self)]
    for (name, value) in try trainer.savedValues() { values[Self.trainer + name] = value }
    return values
  }

  /// An agent's own values.
  ///
  /// - Throws: ``AgentStateError`` when they are missing or of another form.
  static func own<Saved: Decodable>(_ type: Saved.Type, in values: [String: String]) throws -> Saved
  {
    guard let text = values["agent"] else { throw AgentStateError("the value agent is missing") }
    do {
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch {
      throw AgentStateError("the value agent cannot be read: \(error)")
    }
  }

  /// What was saved under a prefix, without it.
  static func part<Value>(_ prefix: String, of all: [String: Value]) -> [String: Value] {
    var found: [String: Value] = [:]
    for (name, value) in all where name.hasPrefix(prefix) {
      found[String(name.dropFirst(prefix.count))] = value
    }
    return found
  }
}

/// A saved state from which an agent cannot continue.
public struct AgentStateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was expected and found.
  public let reason: String

  /// An error.
  public init(_ reason: String) { self.reason = reason }

  /// One sentence.
  public var description: String { "the saved agent does not fit: \(reason)" }
}
