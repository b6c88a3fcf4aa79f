import ArgumentParser
import Experiments
import Foundation
import RunStore

/// What a command plans, before anything is recorded.
struct PlanDraft<R: Recipe> {
  var kind: Comparison.Kind
  /// The preset's name.
  var preset: String
  /// The configuration that arms and overrides are applied to.
  var base: R.Configuration
  var entries: [PlanEntry]
  var store: Store
  /// Remarks for the report, a paragraph each.
  var notes: [String] = []

  /// Its seeds, each once, in order.
  var seeds: [Int] {
    entries.map(\.seed).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

/// A command whose work is a plan of runs: it plans, trains, and tells the results.
protocol PlannedCommand: ParsableCommand {
  var recipe: String { get }
  var plan: PlanOptions { get }
  var machine: MachineOptions { get set }
  var long: LongWorkOption { get }
  var runs: RunsOption { get set }

  /// The runs of the command. Records nothing.
  ///
  /// - Throws: errors of usage.
  func draft<R: Recipe>(_ recipe: R.Type) throws -> PlanDraft<R>

  /// Shows the results of a plan that was trained.
  ///
  /// - Throws: ``Failure/Impossible`` after that, if a fault stopped runs.
  func tell<R: Recipe>(_ done: Comparison, of draft: PlanDraft<R>) throws

  /// Where the report is written, if the command names a file.
  var report: String? { get }

  /// Makes this the command of fewer seeds, and of a report at a path.
  mutating func restrict(toSeeds seeds: [Int], report: String?)
}

extension PlannedCommand {
  func run() throws {
    Interruption.listen()
    try train(Recipes.named(recipe))
  }

  private func train<R: Recipe>(_ recipe: R.Type) throws {
    let draft = try draft(R.self)
    let runner = runner(draft.store)
    guard let adopted = try runner.adopt(draft, long: long) else { return }
    try tell(runner.run(adopted), of: draft)
  }

  func runner(_ store: Store) -> PlanRunner {
    PlanRunner(store: store, runsFolder: runs.url, options: plan, machine: machine)
  }
}

/// Commands that plans are made of, as texts.
enum PlannedCommands {
  /// The command of some words, such as `compare random-labels --seeds 5`.
  ///
  /// - Throws: errors of usage, also for another command.
  static func parsed(_ words: [String]) throws -> any PlannedCommand {
    guard let first = words.first, ["compare", "sweep"].contains(first) else {
      throw UsageError(
        "expected -- compare or -- sweep with its options, found "
          + (words.isEmpty ? "nothing" : words.map(ShellText.quoted).joined(separator: " ")))
    }
    try RepeatedOptions.refuse(words)
    guard let command = try Nap.parseAsRoot(words) as? any PlannedCommand else {
      throw UsageError(
        "\(words.joined(separator: " ")): expected a comparison or sweep to be trained")
    }
    return command
  }

  /// The command whose results a plan of a queue has.
  static func of(_ plan: PlanQueue.Plan, runs folder: URL) throws -> any PlannedCommand {
    var command = try parsed(plan.command)
    command.restrict(toSeeds: plan.seeds, report: plan.report)
    command.runs.folder = folder.path
    // Nothing is trained, so any device will do.
    command.machine.device = nil
    command.machine.capture = false
    return command
  }

  /// Shows the results of a plan as its command does.
  ///
  /// - Throws: as ``PlannedCommand/tell(_:of:)``.
  static func tell(_ plan: PlanQueue.Plan, in store: Store) throws {
    let done = try store.comparison(plan.id)
    let command = try of(plan, runs: store.folder)
    func tell<R: Recipe>(_ recipe: R.Type) throws {
      try command.tell(done, of: command.draft(R.self))
    }
    try tell(Recipes.named(done.recipe))
  }
}
