import ArgumentParser
import Experiments
import Foundation
import RunStore
import Torch

extension RunsCommand {
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes runs as JSON, CSV or TensorBoard event files.",
      discussion: """
        nap runs export RUN -o run.json                        one run whole; nap runs import takes it in
        nap runs export RUN RUN -o runs.csv                    one measurement a line
        nap runs export RUN RUN -o runs.csv --wide             one moment a line, one column a series, with settings
        nap runs export RUN RUN --format tensorboard -o board  then: tensorboard --logdir board

        The wide form begins with the run's names, then settings (setting:optimizer.learningRate), frames, seconds and \
        the other series; metric[scope] is a part of the network. Event files have a folder a run, scalars by metric \
        and metric/scope over updates, and the settings as hyperparameters; values are 32-bit there.
        """)

    /// What a file is.
    enum Format: String, CaseIterable, ExpressibleByArgument { case json, csv, tensorboard }

    @Argument(help: "Runs: identifiers or names.") var names: [String]
    @Option(
      name: .shortAndLong,
      help: "A .json file for one run, a .csv file for any number, or a folder for event files.")
    var output: String
    @Option(help: "json, csv or tensorboard (default: by the file's ending).") var format: Format?
    @Flag(help: "CSV with a column a series, and settings.") var wide = false
    @OptionGroup var runs: RunsOption

    func run() throws {
      let url = URL(fileURLWithPath: output)
      guard let format = format ?? Format(rawValue: url.pathExtension) else {
        throw ValidationError(
          "-o \(output): expected a name that ends in .json or .csv, or --format tensorboard with a folder"
        )
      }
      guard !wide || format == .csv else {
        throw ValidationError("--wide: expected a .csv file, found \(format.rawValue)")
      }
      guard format != .json || names.count == 1 else {
        throw ValidationError("a .json file holds one run; export \(names.count) runs as .csv")
      }
      if format != .tensorboard { try OutputFile.require(output, option: "-o") }
      let store = try runs.openForReading()
      let found = try names.map { try store.findRun($0) }
      switch format {
      case .json: try store.archive(of: found[0].id).write(to: url, options: .atomic)
      case .csv:
        let text = try wide ? store.wideCSV(of: found) : store.csv(of: found)
        try text.write(to: url, atomically: true, encoding: .utf8)
      case .tensorboard:
        for file in try store.writeEventFiles(of: found, below: url) { Console.line(file.path) }
        Console.error("look at them with: tensorboard --logdir \(ShellText.quoted(output))")
      }
    }
  }

  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Adds runs of an exported file, a table or TensorBoard's event files.",
      discussion: """
        nap runs import run.json
        nap runs import runs.csv
        nap runs import logs --recipe cifar --arm baseline --map train/accuracy=training_accuracy,acc=test_accuracy
        nap runs import logs --map 'loss (a, b)=online_loss' --map acc=test_accuracy

        A .csv file is one that nap runs export wrote, or any with a column step (or updates) and columns of numbers; \
        a column run tells runs apart. A folder is searched for event files, each folder with some being a run. Such \
        runs are marked as imported. nap report compares those of one recipe: name it with --recipe, and what its \
        metrics are called with --map.
        """)

    @Argument(help: "A .json or .csv file, an event file, or a folder with event files.") var file:
      String
    @Option(help: "The recipe to compare with (default: what the file says, else imported).")
    var recipe: String?
    @Option(help: "The arm's name (default: what the file says, else the file's name).")
    var arm: String?
    @Option(help: "The seed (default: what the file says, else 0).") var seed: Int?
    @Option(
      parsing: .singleValue,
      help: ArgumentHelp(
        "Metrics by their names in the file, separated by commas; may be repeated. A name may hold commas and =.",
        valueName: "theirs=ours"))
    var map: [String] = []
    @OptionGroup var runs: RunsOption

    func run() throws {
      let url = URL(fileURLWithPath: file)
      let metrics = try MetricNames.pairs(map)
      let labels = RunLabels(
        recipe: recipe, arm: arm, seed: seed,
        metrics: Dictionary(metrics, uniquingKeysWith: { $1 }))
      guard url.pathExtension.lowercased() == "json" else {
        let found = try runs.open().importRuns(
          from: url, labels: labels,
          provenance: .current(
            napVersion: NapVersion.current, libtorchVersion: Machine.libtorchVersion,
            device: "unknown", threadCount: 1))
        for run in found { Console.line("\(run.id)  \(run.name)") }
        return
      }
      guard labels == RunLabels() else {
        throw ValidationError(
          "--recipe, --arm, --seed and --map: an exported run keeps what it says; leave them out")
      }
      let run = try runs.open().importArchive(Data(contentsOf: url), path: file)
      Console.line("\(run.id)  \(run.name)")
    }
  }

  struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Takes in the runs of a store from another machine, with checkpoints and plans.",
      discussion: """
        nap runs merge /mnt/other/runs

        Runs that are here already are skipped. One that is here under the same identifier but is another, or stands \
        elsewhere, is left as it is here and there, and named; the command then exits with 3. A run that trains there \
        right now is left for a later merge.
        """)

    @Argument(help: "The other folder of runs.") var folder: String
    @OptionGroup var runs: RunsOption

    func run() throws {
      let other = try Store.open(
        at: URL(fileURLWithPath: folder, isDirectory: true), for: .readOnly,
        busyTimeout: RunsOption.timeout())
      let store = try runs.open()
      let merged = try store.merge(other) { Console.line("\($0.id)  \($0.name)") }
      Console.line(
        "\(merged.taken.count) runs and \(merged.plans.count) plans taken in, \(merged.present.count) runs were here"
      )
      guard merged.refused.isEmpty else {
        throw Failure.Impossible(
          description: merged.refused.map { "run \($0.run) was left: \($0.reason)" }
            .joined(separator: "\n"))
      }
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rm", abstract: "Removes runs with their series and checkpoints.",
      discussion: """
        nap runs rm RUN RUN         asks first
        nap runs rm RUN --yes       does not ask; scripts need it
        """)
    @Argument(help: "Runs: identifiers or names.") var names: [String]
    @Flag(help: "Removes without asking.") var yes = false
    @OptionGroup var runs: RunsOption

    func run() throws {
      let store = try runs.open()
      let found = try names.map { try store.findRun($0) }
      if !yes {
        for run in found { Console.error("\(run.id)  \(run.name)  \(run.status.state)") }
        guard Question.isAnswerable else {
          throw UsageError(
            "nap runs rm: nobody can be asked here; --yes removes \(found.count == 1 ? "this run" : "these runs")"
          )
        }
        Interruption.listen()
        try Question.require(
          "Remove \(found.count == 1 ? "this run" : "these \(found.count) runs") with checkpoints?",
          orElse: "nothing was removed")
      }
      for run in found {
        try store.remove(run.id)
        Console.line("removed \(run.id)  \(run.name)")
      }
    }
  }
}
