public import Foundation

/// The Python that `Tools/setup` installs, with numpy and safetensors.
public enum Python {
  /// `$NAP_PYTHON`, else the one below `.deps`.
  public static var executable: URL {
    let named = ProcessInfo.processInfo.environment["NAP_PYTHON"].map { URL(filePath: $0) }
    return named ?? packageRoot.appending(path: ".deps/python/bin/python")
  }

  /// Why a script failed.
  public struct Failure: Error, CustomStringConvertible {
    /// What the script wrote to standard output and error.
    public let description: String
  }

  /// Runs a script and gives what it prints.
  ///
  /// - Parameters:
  ///   - script: the program's text.
  ///   - arguments: what it finds in `sys.argv[1:]`.
  /// - Throws: ``Failure`` when Python is missing or the script does not exit with 0.
  public static func run(_ script: String, _ arguments: [String] = []) throws -> String {
    let process = Process()
    process.executableURL = executable
    process.arguments = ["-c", script] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    do {
      try process.run()
    } catch {
      throw Failure(description: "\(executable.path) cannot be run (\(error)); run Tools/setup")
    }
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: bytes, as: UTF8.self)
    guard process.terminationStatus == 0 else { throw Failure(description: text) }
    return text
  }
}
