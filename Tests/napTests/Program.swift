import Foundation
import TestSupport
import Testing

/// The built `nap`, run as a person runs it.
struct Program {
  struct Result {
    var code: Int32
    var output: String
    var errors: String
  }

  /// Where this program keeps runs.
  let runs: URL
  /// What it sees of the environment beside this process's own.
  var environment: [String: String] = [:]
  /// A command that starts the program, such as one that limits it first.
  var launcher: [String] = []

  init(runs: URL, environment: [String: String] = [:]) {
    (self.runs, self.environment) = (runs, environment)
  }

  /// The program lies beside the test bundle; `$NAP_PROGRAM` is another one, such as the release program.
  static var url: URL {
    if let named = ProcessInfo.processInfo.environment["NAP_PROGRAM"] {
      return URL(filePath: named)
    }
    let names = CommandLine.arguments + ProcessInfo.processInfo.arguments
    let folders =
      names.filter { $0.contains(".build") }.map { URL(filePath: $0) }
      .flatMap { [$0.deletingLastPathComponent(), $0] }
      + [packageRoot.appending(path: ".build/debug")]
    return folders.map { $0.appending(path: "nap") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
      ?? packageRoot.appending(path: ".build/debug/nap")
  }

  func start(
    _ arguments: [String], program: URL = url
  ) throws -> (process: Process, output: Pipe, errors: Pipe) {
    let process = Process()
    let command = launcher + [program.path] + arguments
    process.executableURL = URL(filePath: command[0])
    process.arguments = Array(command.dropFirst())
    var seen = ProcessInfo.processInfo.environment
    seen["NAP_RUNS"] = runs.path
    // Figures are those of the CPU, on a machine with a GPU, too.
    seen["CUDA_VISIBLE_DEVICES"] = ""
    process.environment = seen.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    return (process, output, errors)
  }

  /// Runs a script of `sh` in which `$0` is the program and `$@` the arguments.
  func runShell(_ script: String, _ arguments: [String]) throws -> Result {
    try run(["-c", script, Self.url.path] + arguments, program: URL(filePath: "/bin/sh"))
  }

  @discardableResult
  func run(_ arguments: String...) throws -> Result { try run(arguments) }

  func run(_ arguments: [String], program: URL = url) throws -> Result {
    // Through files, so that neither pipe can fill up while the other is read.
    let (process, output, errors) = try start(arguments, program: program)
    let reader = Reader(output)
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Result(code: process.terminationStatus, output: reader.finish(), errors: text)
  }
}

/// Reads a pipe to its end on a thread of its own.
final class Reader: @unchecked Sendable {
  private let done = DispatchSemaphore(value: 0)
  private var data = Data()

  init(_ pipe: Pipe) {
    let handle = pipe.fileHandleForReading
    Thread.detachNewThread { [self] in
      data = handle.readDataToEndOfFile()
      done.signal()
    }
  }

  func finish() -> String {
    done.wait()
    return String(decoding: data, as: UTF8.self)
  }
}

func withProgram<Result>(_ body: (Program) throws -> Result) throws -> Result {
  try withTemporaryFolder { folder in try body(Program(runs: folder)) }
}

/// A run of some seconds on built-in images.
let smallRun = [
  "--set", "data.source=procedural", "--set", "data.imageCount=64", "--set", "data.size=8",
  "--set", "network.hidden=24,24", "--threads", "1",
]
