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

  /// The content of an answer of a kind.
  func answer(_ kind: Unicode.Scalar, within seconds: Double) throws -> [UInt8] {
    let (found, content) = try translated(within: seconds) {
      let head = try child.receive(9, within: seconds)
      let count = head[1...].reversed().reduce(0) { $0 << 8 | Int($1) }
      return (head[0], try child.receive(count, within: seconds))
    }
    if found == UInt8(ascii: kind) { return content }
    guard found == UInt8(ascii: "x") else { throw strange(found) }
    throw try JSONDecoder().decode(Refusal.self, from: Data(content)).error(configuration)
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
          id: id, reason: "expected a Discrete action space, found \(text): it cannot be used")
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
