import Experiments
import Foundation
import Synchronization
import Torch
import Training

/// The trial of recorded updates, in a process of its own: a fault of the driver or of libtorch ends that one alone.
enum CaptureTrialProcess {
  /// The verb that ``CaptureTrialCommand`` answers.
  static let verb = "try-capture"
  /// Seconds within which a trial must end. What a GPU does at first may take most of a minute.
  static let limit = 120.0

  private static let known = Mutex<[String: Bool]>([:])
  /// Has the result where the program executes itself again as the same process (``PassiveWaiting``).
  private static let variable = "NAP_CAPTURE_TRIAL"

  /// Whether updates on a device can be replayed. A trial that fails is told once.
  ///
  /// Cost: some seconds, once for a device of a process; nothing where the device is no NVIDIA GPU.
  static func passes(on name: String) -> Bool {
    guard case .cuda = Device(name) else { return false }
    return known.withLock { known in
      if let passed = known[name] { return passed }
      let record = "\(ProcessInfo.processInfo.processIdentifier) \(name) "
      let earlier = ProcessInfo.processInfo.environment[variable]
      if let earlier, earlier.hasPrefix(record) {
        known[name] = earlier == record + "passed"
        return known[name] == true
      }
      let problem = problem(of: name, limit: limit)
      if let problem {
        Console.error(
          "note: updates run one by one, since replaying them failed in a trial: \(problem)")
      }
      known[name] = problem == nil
      setenv(variable, record + (problem == nil ? "passed" : "failed"), 1)
      return problem == nil
    }
  }

  /// What is wrong with recorded updates on a device; `nil` if nothing is.
  static func problem(of name: String, program: URL? = nil, limit: Double) -> String? {
    let process = Process()
    process.arguments = [verb, "--device", name]
    process.standardInput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    let output = Pipe()
    process.standardOutput = output
    do {
      process.executableURL = try program ?? PlanRunner.executable()
      try process.run()
    } catch {
      return "the trial of it could not be started: \(Failure.message(error))"
    }
    let deadline = ContinuousClock.now + .seconds(limit)
    while process.isRunning, ContinuousClock.now < deadline, !Interruption.isRequested {
      Thread.sleep(forTimeInterval: 0.01)
    }
    guard !process.isRunning else {
      kill(process.processIdentifier, SIGKILL)
      // One that waits in a driver does not end, and is left.
      let end = ContinuousClock.now + .seconds(5)
      while process.isRunning, ContinuousClock.now < end { Thread.sleep(forTimeInterval: 0.01) }
      return Interruption.isRequested
        ? "the program was asked to stop" : "a trial of it had not ended after \(Int(limit)) s"
    }
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      let end = process.terminationReason == .exit ? "exit code" : "signal"
      return "a trial of it ended with \(end) \(process.terminationStatus)"
    }
    let said = (try? output.fileHandleForReading.readToEnd()) ?? nil
    let words = String(decoding: said ?? Data(), as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    guard words != CaptureTrialCommand.success else { return nil }
    return words.isEmpty ? "a trial of it said nothing" : words
  }
}
