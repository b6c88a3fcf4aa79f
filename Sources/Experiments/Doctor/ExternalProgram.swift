import Foundation
import Texts

/// A program of the system that ours can call.
struct ExternalProgram {
  /// The name on the search path.
  var name: String
  /// What makes it tell its version on the first line.
  var versionArgument: String
  /// The package that brings it, where that has another name.
  var package: String?

  /// The first file of that name on the search path that may be executed.
  func path(in environment: [String: String]) -> String? {
    PackageManager.path(of: name, in: environment)
  }

  /// Its version from its own words; `nil` when it does not run, or not within five seconds.
  func version(at path: String) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = [versionArgument]
    process.standardInput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    let output = LineBuffer()
    process.standardOutput = output.pipe
    guard (try? process.run()) != nil else { return nil }
    let deadline = Date().addingTimeInterval(5)
    while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.005) }
    guard !process.isRunning else {
      process.terminate()
      return nil
    }
    output.drain()
    guard process.terminationStatus == 0, let line = output.takeLines().first else { return nil }
    let number = line.split(separator: " ").first { $0.first?.isNumber == true }
    return number.map(String.init) ?? line
  }

  /// The program as a component.
  func component(
    for purpose: String, isNeededForDemo: Bool = false,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> Component {
    let path = path(in: environment)
    let version = path.flatMap { self.version(at: $0) }
    return Component(
      name: name, purpose: purpose, version: version,
      detail: path.map { version == nil ? "\($0) does not run" : $0 } ?? "not on the search path",
      isNeededForDemo: isNeededForDemo,
      remedy: version == nil ? PackageManager.command(installing: package ?? name) : nil)
  }
}
