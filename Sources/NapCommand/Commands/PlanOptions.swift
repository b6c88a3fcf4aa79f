import ArgumentParser
import Foundation
import RunStore
import Torch

/// Options of a plan.
struct PlanOptions: ParsableArguments {
  @Option(help: "Runs at once (default: as many as the cores allow).")
  var jobs: Int?

  @Flag(
    name: .customLong("new"),
    help: "Trains all runs again, even if the same plan or some of its runs exist already.")
  var isNew = false

  @Flag(
    name: .customLong("dry-run"),
    help:
      "Lists the runs, with those that are done, and forecasts the hours; trains and records nothing."
  )
  var isDry = false

  @OptionGroup var trust: TrustOption

  /// The store of a plan: for a dry run, one that is only read, and is empty where there is none.
  func store(_ runs: RunsOption) throws -> Store {
    guard isDry else { return try runs.open() }
    do { return try runs.openForReading() } catch StoreError.missing {
      let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("nap-dry-run-\(UUID().uuidString)", isDirectory: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      _ = try Store.open(at: folder)
      return try Store.open(at: folder, for: .readOnly)
    }
  }

  func validate() throws {
    if let jobs, !(1...1_000).contains(jobs) {
      throw ValidationError("--jobs \(jobs): expected 1 to 1000")
    }
  }

  func jobCount(threads: Int) -> Int {
    jobs ?? max(1, Machine.usableProcessorCount / threads)
  }
}
