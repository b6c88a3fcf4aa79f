import Foundation

/// One request, by the system's curl: it knows the machine's proxies and certificates.
struct HTTPCall {
  /// What is sent.
  enum Body {
    case none
    case json(Data)
    case file(URL)
  }

  /// What came of a request.
  enum Outcome {
    case answered(status: Int, body: Data)
    /// The server was not reached, or the connection broke; curl's words.
    case unreachable(String)
  }

  var address: String
  var method: String
  var token: String
  var body: Body
  /// Where an answer of success is written; in memory where none is given.
  var output: URL?

  /// Seconds for a connection, and for an answer to a request that is no run.
  static let patience = 20

  /// Sends the request and waits for the answer: at most a minute without progress.
  ///
  /// The token is told to curl through a pipe, so that no list of processes shows it.
  func send() throws -> Outcome {
    let answer = output ?? Self.temporary()
    let sent = Self.temporary()
    defer {
      if output == nil { try? FileManager.default.removeItem(at: answer) }
      try? FileManager.default.removeItem(at: sent)
    }
    var lines = [
      "silent", "show-error", "url = \(quoted(address))", "request = \(method)",
      "header = \(quoted("Authorization: Bearer \(token)"))", "header = \"Expect:\"",
      "output = \(quoted(answer.path))", "connect-timeout = \(Self.patience)",
      "write-out = \"%{http_code}\"",
    ]
    switch body {
    case .json(let data):
      try data.write(to: sent)
      lines += [
        "header = \"Content-Type: application/json\"", "data-binary = \(quoted("@\(sent.path)"))",
        "max-time = \(Self.patience)",
      ]
    case .file(let file):
      lines += ["upload-file = \(quoted(file.path))", "speed-limit = 1000", "speed-time = 60"]
    case .none: lines += ["speed-limit = 1000", "speed-time = 60"]
    }
    let (status, text, errors) = try Self.curl(lines.joined(separator: "\n") + "\n")
    guard status == 0, let code = Int(text) else {
      return .unreachable(errors.isEmpty ? "curl's status \(status)" : errors)
    }
    let isKept = output != nil && code == 200
    let data = isKept ? Data() : (try? Data(contentsOf: answer)) ?? Data()
    return .answered(status: code, body: data)
  }

  private static func curl(
    _ configuration: String
  ) throws -> (status: Int32, text: String, errors: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["curl", "--config", "-"]
    let (input, output, errors) = (Pipe(), Pipe(), Pipe())
    (process.standardInput, process.standardOutput, process.standardError) = (input, output, errors)
    try process.run()
    try? input.fileHandleForWriting.write(contentsOf: Data(configuration.utf8))
    try? input.fileHandleForWriting.close()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let words = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (
      process.terminationStatus, String(decoding: text, as: UTF8.self),
      String(decoding: words, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    )
  }

  static func temporary() -> URL {
    FileManager.default.temporaryDirectory.appendingPathComponent("nap-http-\(UUID().uuidString)")
  }

  private func quoted(_ text: String) -> String {
    "\"\(text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\""))\""
  }
}
