import ArgumentParser
import Experiments
import Torch
import Training

/// `nap try-capture`: what a program that trains on a GPU starts first.
struct CaptureTrialCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: CaptureTrialProcess.verb,
    abstract: "Tries recorded updates on a device; started by nap train.", shouldDisplay: false)

  /// What it says where updates can be replayed; else it says why not.
  static let success = "replayed"

  @Option(help: "The device.")
  var device: String

  func run() throws {
    let device = try MachineOptions.checked(self.device)
    // Nobody reads its errors.
    do {
      Console.line(try CaptureTrial.problem(on: device) ?? Self.success)
    } catch {
      Console.line(Failure.message(error))
    }
  }
}
