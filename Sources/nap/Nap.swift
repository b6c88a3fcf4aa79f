import ArgumentParser
import Dashboard
import Foundation
import Torch

/// The program. Each file below `Commands` is one verb.
@main
struct Nap: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nap",
    abstract:
      "Trains networks that keep learning: Normalize-and-Project, its baselines, the evidence.",
    discussion: """
      A first look, about two minutes:     nap compare random-labels --preset demo
      One run:                             nap train random-labels --arm nap --seed 0
      Recipes, arms, methods, settings:    nap list
      What this machine can run:           nap doctor

      Runs are stored in $NAP_RUNS (default: ./runs), data in $NAP_DATA (default: nap/data in \
      $XDG_CACHE_HOME, else in ~/.cache).
      When another process holds the store of runs, nap waits 30 s, or $NAP_STORE_TIMEOUT seconds.
      Exit codes: 0 done, 2 wrong usage, 3 a file, the disk or a device failed, 4 a run ended early \
      (diverged, not finite), 130 interrupted after saving.
      """,
    version: NapVersionText.text,
    subcommands: [
      ListCommand.self, TrainCommand.self, CompareCommand.self, SweepCommand.self,
      PlayCommand.self, AuditCommand.self, MeasureCommand.self, InspectCommand.self,
      ReportCommand.self,
      RunsCommand.self, DataCommand.self,
      DoctorCommand.self,
    ])

  static func main() {
    if let objection = ProcessLimits.objection {
      Console.error("nap: \(objection)")
      _exit(3)
    }
    // At a limit of file sizes the write fails; the program does not end.
    signal(SIGXFSZ, SIG_IGN)
    LastWords.set { Failure.endAfterFailedOperation($0) }
    adoptPython()
    do {
      try RepeatedOptions.refuse(Array(CommandLine.arguments.dropFirst()))
      var command = try parseAsRoot()
      // Inspecting reads one large tensor after another and returns the memory of each to the system.
      if !(command is InspectCommand) { Machine.configureAllocator() }
      try StopRequest.answering({ Interruption.isRequested }) { try command.run() }
      try Console.requireOutput()
    } catch {
      Failure.exit(with: error)
    }
  }

  /// Sets `$NAP_PYTHON` to the Python that `make setup` made, for Gymnasium and figures. Does nothing where
  /// `$NAP_PYTHON` is set or a virtual environment is active.
  private static func adoptPython() {
    let environment = ProcessInfo.processInfo.environment
    guard environment["NAP_PYTHON"]?.isEmpty != false, environment["VIRTUAL_ENV"] == nil,
      let found = try? ChartRenderer.find()
    else { return }
    setenv("NAP_PYTHON", found.python.path, 1)
  }
}
