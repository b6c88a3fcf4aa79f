import ArgumentParser
import Foundation
import RunStore

/// `nap runs`.
struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "Lists, shows, watches, exports, imports, merges and removes runs.",
    discussion: """
      nap runs                                        every run; nap runs list --plans shows comparisons and sweeps
      nap runs show RUN
      nap runs watch                                  curves of what trains now
      nap runs export RUN -o run.json                 for nap runs import elsewhere
      nap runs export RUN RUN -o runs.csv --wide      a line a moment, a column a series, with settings
      nap runs export RUN RUN --format tensorboard -o board
      nap runs import board --recipe cifar --map train/acc=test_accuracy
      nap runs merge /mnt/other/runs
      nap runs rm RUN --yes
      """,
    subcommands: [
      List.self, Show.self, Watch.self, Export.self, Import.self, Merge.self, Remove.self,
    ],
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
            + (run.latestProvenance.processCount.map { "  \($0) processes" } ?? "")
            + (run.purpose == .imported ? "  imported" : "")
            + (run.parent.map { "  from \($0)" } ?? ""))
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
      if let parent = found.parent {
        let updates = found.parentUpdates.map { " at update \($0)" } ?? ""
        Console.line("parent      \(parent)\(updates), whose points up to there it has")
      }
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
}
