import ArgumentParser
import Foundation
import RunStore

/// `nap runs`.
struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "Lists, shows, exports, imports and removes runs.",
    subcommands: [List.self, Show.self, Export.self, Import.self, Remove.self],
    defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists runs, oldest first, or plans.")
    @Option(help: "Only runs of this recipe.") var recipe: String?
    @Option(help: "Only runs of this arm.") var arm: String?
    @Flag(help: "Comparisons and sweeps instead of runs.") var plans = false
    @OptionGroup var runs: RunsOption

    func run() throws {
      let store = try runs.openForReading()
      if plans {
        let plans = try store.comparisons(recipe: recipe)
        if plans.isEmpty { Console.line("no comparisons or sweeps in \(runs.url.path)") }
        for plan in plans {
          let settled = plan.entries.count { $0.state == .settled }
          Console.line(
            "\(plan.id)  \(plan.kind.rawValue)  \(plan.recipe)/\(plan.preset)  "
              + "\(settled)/\(plan.entries.count) runs  arms \(plan.arms.joined(separator: ","))")
        }
        return
      }
      let found = try store.runs(recipe: recipe, arm: arm)
      if found.isEmpty { Console.line("no runs in \(runs.url.path)") }
      for run in found {
        Console.line(
          "\(run.id)  \(run.name)  \(run.status.state)  "
            + Progress.duration(run.wallSeconds)
            + String(format: "  %.0f MB", Double(run.peakMemoryBytes) / 1e6)
            + (run.latestProvenance.processCount.map { "  \($0) processes" } ?? ""))
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows a run: outcome, provenance, configuration, series.")
    @Argument(help: "An identifier, the unambiguous beginning or end of one, or a name.")
    var name: String
    @OptionGroup var runs: RunsOption

    func run() throws {
      let store = try runs.openForReading()
      let found = try store.findRun(name)
      let provenance = found.provenance
      Console.line("run         \(found.id)  \(found.name)")
      Console.line("outcome     \(found.status)")
      Console.line("command     \(provenance.shellCommand)")
      Console.line(
        "made by     nap \(provenance.napVersion), libtorch \(provenance.libtorchVersion), "
          + "Swift \(provenance.swiftVersion)"
          + (provenance.gitCommit.map { ", commit \($0.prefix(12))" } ?? ""))
      Console.line(
        "machine     \(provenance.host.processor), \(provenance.host.coreCount) cores, "
          + "\(MachineOptions.words(provenance)), \(provenance.device)")
      for resumption in found.resumptions {
        let later = resumption.provenance
        Console.line(
          "resumed     at update \(resumption.updates) by nap \(later.napVersion) on \(later.host.name), "
            + "\(MachineOptions.words(later)), \(later.device): \(later.shellCommand)")
      }
      Console.line("folder      \(store.folder(of: found.id).path)")
      if let manifest = found.manifest {
        Console.line("protocol")
        for line in manifest.lines { Console.line("  \(line)") }
      }
      Console.line("configuration")
      Console.line(found.configuration)
      Console.line("series")
      for key in try store.seriesKeys(of: found.id) {
        let last = try store.lastPoint(key, of: found.id)
        let value = last.map { String(format: "%.6g", $0.value) } ?? "-"
        Console.line(
          "  \(key.metric.name)\(key.scope.isEmpty ? "" : " [\(key.scope)]")  last \(value)")
      }
    }
  }

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes one run as JSON (for nap runs import), or series of runs as CSV.")
    @Argument(help: "Runs: identifiers or names.") var names: [String]
    @Option(
      name: .shortAndLong, help: "A .json file for one run, or a .csv file for any number of runs.")
    var output: String
    @OptionGroup var runs: RunsOption

    func run() throws {
      let url = URL(fileURLWithPath: output)
      guard ["csv", "json"].contains(url.pathExtension) else {
        throw ValidationError("-o \(output): expected a name that ends in .json or .csv")
      }
      try OutputFile.require(output, option: "-o")
      let store = try runs.openForReading()
      let found = try names.map { try store.findRun($0) }
      switch url.pathExtension {
      case "csv":
        try store.csv(of: found).write(to: url, atomically: true, encoding: .utf8)
      default:
        guard found.count == 1 else {
          throw ValidationError("a .json file holds one run; export \(found.count) runs as .csv")
        }
        try store.archive(of: found[0].id).write(to: url, options: .atomic)
      }
    }
  }

  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Adds a run that nap runs export wrote.")
    @Argument(help: "A .json file.") var file: String
    @OptionGroup var runs: RunsOption

    func run() throws {
      let url = URL(fileURLWithPath: file)
      let run = try runs.open().importArchive(Data(contentsOf: url), path: file)
      Console.line("\(run.id)  \(run.name)")
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rm", abstract: "Removes runs with their series and checkpoints.")
    @Argument(help: "Runs: identifiers or names.") var names: [String]
    @OptionGroup var runs: RunsOption

    func run() throws {
      let store = try runs.open()
      for run in try names.map({ try store.findRun($0) }) {
        try store.remove(run.id)
        Console.line("removed \(run.id)  \(run.name)")
      }
    }
  }
}
