import Foundation

/// How the Python process is spoken to, and what its refusals mean.
struct Conversation {
  let child: ChildProcess
  let configuration: GymnasiumConfiguration

  static func number(_ value: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  func send(_ bytes: [UInt8]) throws {
    try translated(within: configuration.stepTimeout) { try child.send(bytes) }
  }

  /// The byte that says that a step is done.
  func signal() throws {
    let seconds = configuration.stepTimeout
    let byte = try translated(within: seconds) {
      try child.receive(1, within: seconds, spin: configuration.spinMicroseconds)[0]
    }
    guard byte == UInt8(ascii: "k") else { throw strange(byte) }
  }

  /// The most bytes of a state, our choice.
  static let largestState = 1 << 30

  /// The content of an answer of a kind.
  ///
  /// - Parameter most: bytes that it may have. An environment that writes into the channel, whose number it knows, may
  ///   announce any length; a refusal is one line.
  func answer(
    _ kind: Unicode.Scalar, within seconds: Double, atMost most: Int = 1 << 20
  ) throws -> [UInt8] {
    let (found, content) = try translated(within: seconds) {
      let head = try child.receive(9, within: seconds)
      let count = head[1...].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let isKnown = head[0] == UInt8(ascii: kind) || head[0] == UInt8(ascii: "x")
      guard isKnown, count <= UInt64(most) else {
        throw GymnasiumError.system(
          id: configuration.id,
          reason:
            "expected an answer of at most \(most) bytes from its Python process, found one that announces \(count)"
            + (isKnown ? "" : " and is of an unknown kind, \(head[0])")
            + ": something in it writes into the channel that answers go through")
      }
      return (head[0], try child.receive(Int(count), within: seconds))
    }
    if found == UInt8(ascii: kind) { return content }
    guard found == UInt8(ascii: "x") else { throw strange(found) }
    throw try decoded(Refusal.self, from: content).error(configuration)
  }

  /// A value from the JSON of an answer.
  func decoded<Value: Decodable>(_ type: Value.Type, from content: [UInt8]) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(content))
    } catch {
      throw GymnasiumError.system(
        id: configuration.id,
        reason:
          "its Python process sent \(content.count) bytes that are no answer: something in it writes into the "
          + "channel of answers")
    }
  }

  private func strange(_ byte: UInt8) -> GymnasiumError {
    .system(
      id: configuration.id, reason: "its Python process answered with an unknown byte, \(byte)")
  }

  private func translated<Result>(within seconds: Double, _ body: () throws -> Result) throws
    -> Result
  {
    do {
      return try body()
    } catch ChildProcess.Silence.ended(let status, let lines) {
      throw GymnasiumError.ended(id: configuration.id, status: status, lastLines: lines)
    } catch ChildProcess.Silence.tooLate(let lines) {
      throw GymnasiumError.noAnswer(id: configuration.id, seconds: seconds, lastLines: lines)
    }
  }

  private struct Refusal: Decodable {
    var kind: String
    var text: String?
    var python: String?
    var package: String?
    var near: [String]?
    var channels: Int?

    func error(_ configuration: GymnasiumConfiguration) -> GymnasiumError {
      let (id, text, python) = (configuration.id, text ?? "", python ?? "python3")
      switch kind {
      case "gymnasium": return .gymnasiumMissing(python: python, reason: text)
      case "package":
        return .packageMissing(id: id, python: python, package: package, reason: text)
      case "id": return .unknownEnvironment(id: id, reason: text, nearest: near ?? [])
      case "actions":
        return .unsupported(
          id: id,
          reason:
            "expected a Discrete action space or a Box of numbers, found \(text): it cannot be used"
        )
      case "observations":
        return .unsupported(
          id: id,
          reason:
            "expected observations that Gymnasium can flatten into numbers, found \(text): wrap the environment"
        )
      case "arguments":
        return .unsupported(
          id: id,
          reason: "expected arguments as a JSON object such as {\"size\": 5}, found \(text)")
      case "channels":
        return .unsupported(
          id: id,
          reason: channels == 0
            ? "channels can only be set for images of three axes, found observations of shape \(text)"
            : "expected channels of at least its own \(channels ?? 0), found \(configuration.channels ?? 0)"
        )
      case "state": return .notSaved(id: id, reason: text)
      default: return .notRestored(id: id, reason: text)
      }
    }
  }
}
