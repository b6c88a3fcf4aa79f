import ArgumentParser
import Dashboard
public import Environments
public import Experiments
import Foundation
public import Plasticity
import Texts
import Torch

/// The command `nap` as a library.
public enum NapCommand {
  /// Runs the program with the arguments of the process, and ends the process.
  ///
  /// What a program adds works in every verb as the package's own does. Training runs of a comparison start this very
  /// program again, so that they have it, too.
  ///
  ///     NapCommand.main(recipes: [RisingSine.self], methods: [PullToMean.self])
  ///
  /// - Parameters:
  ///   - recipes: listed after the package's.
  ///   - methods: each acts at its `Intervention.place`.
  ///   - diagnostics: for `--set recording.diagnostics=NAME` and `nap measure`.
  ///   - environments: for `--env NAME`.
  public static func main(
    recipes: [any Recipe.Type] = [], methods: [any Intervention.Type] = [],
    diagnostics: [any Diagnostic.Type] = [], environments: [AddedEnvironment] = []
  ) -> Never {
    if let objection = ProcessLimits.objection {
      Console.error("nap: \(objection)")
      _exit(3)
    }
    // A file that may not grow further is an error of the write, not the end of the program.
    signal(SIGXFSZ, SIG_IGN)
    LastWords.set { Failure.endAfterFailedOperation($0) }
    adoptPython()
    do {
      try Additions.add(
        recipes: recipes, methods: methods, diagnostics: diagnostics, environments: environments)
      let arguments = try CaptureSetting.replaced(in: Array(CommandLine.arguments.dropFirst()))
      try Nap.requireCommand(arguments)
      try RepeatedOptions.refuse(arguments)
      RenamedSettings.notes(in: arguments).forEach(Console.error)
      var command = try Nap.parseAsRoot(arguments)
      // Inspecting takes one large tensor after another, and gives each back to the system.
      if !(command is InspectCommand || command is DiagnoseCommand) { Machine.configureAllocator() }
      try StopRequest.answering({ Interruption.isRequested }) { try command.run() }
      try Console.requireOutput()
      Failure.end(0)
    } catch {
      Failure.exit(with: error)
    }
  }

  /// Without `$NAP_PYTHON`, and outside a virtual environment, all that needs a Python, Gymnasium's environments as
  /// well as figures, takes the one that `make setup` made.
  private static func adoptPython() {
    let environment = ProcessInfo.processInfo.environment
    guard environment["NAP_PYTHON"]?.isEmpty != false, environment["VIRTUAL_ENV"] == nil,
      let found = try? ChartRenderer.find()
    else { return }
    setenv("NAP_PYTHON", found.python.path, 1)
  }
}

/// The program: one verb a file below `Commands`.
struct Nap: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nap",
    abstract:
      "Trains networks that keep learning: Normalize-and-Project, its baselines, the evidence.",
    discussion: """
      A first look, some minutes:          nap compare random-labels --preset demo
      One run:                             nap train random-labels --arm nap --seed 0
      Recipes, arms, methods, settings:    nap list
      The figures of the paper:            nap reproduce
      Somebody's checkpoints:              nap diagnose FOLDER
      What this machine can run:           nap doctor

      Runs are stored in $NAP_RUNS (default: ./runs), data in $NAP_DATA (default: nap/data in \
      $XDG_CACHE_HOME, else in ~/.cache).
      When another process holds the store of runs, nap waits 30 s, or $NAP_STORE_TIMEOUT seconds.
      Exit codes: 0 done, 2 wrong usage, 3 a file, the disk or a device failed, 4 a run ended early \
      (diverged, not finite), 130 interrupted after saving.
      """,
    version: NapVersionText.text,
    subcommands: [
      ListCommand.self, TrainCommand.self, LaunchCommand.self, CompareCommand.self,
      SweepCommand.self, PlanCommand.self,
      PlayCommand.self, GenerateCommand.self, ScoreCommand.self, AuditCommand.self,
      MeasureCommand.self,
      InspectCommand.self, DiagnoseCommand.self,
      ReportCommand.self, ReproduceCommand.self,
      RunsCommand.self, DataCommand.self,
      DoctorCommand.self, ActCommand.self, CaptureTrialCommand.self,
    ])

  /// Refuses a word where a command is expected that is none, with the nearest ones.
  static func requireCommand(_ arguments: [String]) throws(UsageError) {
    var (path, command): (String, any ParsableCommand.Type) = ("nap", Nap.self)
    for word in arguments {
      let commands = command.configuration.subcommands
      if commands.isEmpty || word.hasPrefix("-") || word == "help" { return }
      if let next = commands.first(where: { $0._commandName == word }) {
        (path, command) = ("\(path) \(word)", next)
        continue
      }
      let nearest = Nearest.names(
        to: word, among: commands.map { $0._commandName } + ["help"])
      let hint = nearest.isEmpty ? "" : "did you mean \(nearest.joined(separator: ", "))? "
      throw UsageError(
        "\(path) has no command '\(Excerpt.of(word))'; \(hint)\(path) --help lists them")
    }
  }
}
