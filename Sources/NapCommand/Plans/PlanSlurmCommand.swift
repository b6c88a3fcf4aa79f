import ArgumentParser
import Experiments
import Foundation
import RunStore

extension PlanCommand {
  struct Slurm: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes a script for SLURM: an array with a task for each run that is left.",
      discussion: """
        nap plan slurm PLAN -o plan.sh && sbatch plan.sh
        nap plan slurm PLAN --hours 12 --at-once 16 -o plan.sh -- --partition=cpu --account=mine

        A task trains one entry of the plan in the folder of runs, which all machines have to see under the same path. \
        Two minutes before the time limit it is saved, and requeued. What follows -- becomes lines #SBATCH.
        """)

    @Argument(help: "The plan, as nap plan status lists it.") var plan: String
    @Option(
      help: "The time limit of a task (default: twice the longest forecast, an hour at least).")
    var hours: Double?
    @Option(help: "Tasks at once (default: as SLURM has room).") var atOnce: Int?
    @Option(name: .shortAndLong, help: "The script (default: standard output).")
    var output: String?
    @OptionGroup var runs: RunsOption
    @Argument(parsing: .postTerminator, help: "Options of sbatch.") var options: [String] = []

    func validate() throws {
      if let hours, !(hours >= 0.1 && hours <= 10_000) {
        throw ValidationError("--hours \(hours): expected 0.1 to 10000")
      }
      if let atOnce, !(1...100_000).contains(atOnce) {
        throw ValidationError("--at-once \(atOnce): expected 1 to 100000")
      }
      if let strange = options.first(where: { !$0.hasPrefix("-") || $0.contains("\n") }) {
        throw ValidationError("\(strange): expected options of sbatch, such as --partition=cpu")
      }
    }

    func run() throws {
      let store = try runs.openForReading()
      let queue = try PlanQueue.open(in: store.folder, busyTimeout: RunsOption.timeout())
      let found = try PlanCommand.plan(plan, in: queue, store)
      let entries = try queue.entries(of: found.id)
      let left = entries.indices.filter { [.waiting, .running].contains(entries[$0].state) }
      guard !left.isEmpty else {
        throw UsageError(
          "plan \(found.id) has no run left; nap plan add with its command lets what failed wait again"
        )
      }
      let longest = left.map { entries[$0].hours }.max() ?? 0
      let script = text(
        found, left, hours: hours ?? max(1, 2 * longest),
        threads: try store.comparison(found.id).provenance.threadCount, folder: store.folder)
      guard let output else {
        Console.text(script)
        return
      }
      try OutputFile.require(output, option: "-o")
      try script.write(to: URL(fileURLWithPath: output), atomically: true, encoding: .utf8)
      Console.error("\(left.count) tasks; begin them with: sbatch \(ShellText.quoted(output))")
    }

    private func text(
      _ plan: PlanQueue.Plan, _ left: [Int], hours: Double, threads: Int, folder: URL
    ) -> String {
      let minutes = Int((hours * 60).rounded(.up))
      let time = String(format: "%d:%02d:00", minutes / 60, minutes % 60)
      let array = Self.ranges(left) + (atOnce.map { "%\($0)" } ?? "")
      let own = options.map { "#SBATCH \($0)\n" }.joined()
      let runs = ShellText.quoted(folder.standardizedFileURL.path)
      return """
        #!/bin/sh
        #SBATCH --job-name=nap-\(plan.id)
        #SBATCH --array=\(array)
        #SBATCH --time=\(time)
        #SBATCH --cpus-per-task=\(threads)
        #SBATCH --signal=USR1@120
        #SBATCH --requeue
        #SBATCH --open-mode=append
        \(own)# The results are shown by the task that ends last, and by: nap plan run --plan \(plan.id) --runs \(runs)
        srun nap plan run --plan \(plan.id) --entry "$SLURM_ARRAY_TASK_ID" --no-wait --runs \(runs)
        code=$?
        [ $code -eq 130 ] && scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
        exit $code

        """
    }

    /// Numbers as SLURM's arrays have them: `0-3,7`.
    static func ranges(_ numbers: [Int]) -> String {
      var ranges: [ClosedRange<Int>] = []
      for number in numbers {
        if let last = ranges.last, last.upperBound + 1 == number {
          ranges[ranges.count - 1] = last.lowerBound...number
        } else {
          ranges.append(number...number)
        }
      }
      return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
        .joined(separator: ",")
    }
  }
}
