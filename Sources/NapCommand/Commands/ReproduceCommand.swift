import ArgumentParser
import Experiments
import Foundation

/// `nap reproduce`.
struct ReproduceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reproduce",
    abstract:
      "The figures and tables of the paper: their commands, costs, and what is shown so far.",
    discussion: """
      nap reproduce                            every figure and table
      nap reproduce --cost                     with the hours that each takes here, measured for some minutes
      nap reproduce figure-1 --small           a size for a laptop
      nap reproduce figure-5 --jobs 8          the size nearest to the paper's

      It runs nap compare, whose report it writes, and the same command continues after an interruption. Settings, \
      devices and tuned rates are those of nap compare, for which --print gives the commands.
      """)

  @Argument(help: "A figure or table, such as figure-1.")
  var item: String?

  @Flag(help: "The size for a laptop.")
  var small = false

  @Flag(help: "Measures the hours that each takes on this machine.")
  var cost = false

  @Flag(help: "Prints the commands and runs nothing.")
  var print = false

  @Option(help: "Runs at once, as for nap compare.")
  var jobs: Int?

  @Option(help: "Threads of a run, as for nap compare.")
  var threads: Int?

  @Option(help: "The device of the runs, as for nap compare.")
  var device: String?

  @Flag(help: "Starts work of more than an hour without asking.")
  var yes = false

  @OptionGroup var runs: RunsOption

  func validate() throws {
    guard item == nil || !cost else {
      throw ValidationError("--cost goes without a figure: nap reproduce --cost")
    }
    guard item != nil || (!small && !print) else {
      throw ValidationError("--small and --print go with a figure: nap reproduce figure-1 --small")
    }
  }

  func run() throws {
    guard let item else { return try index() }
    let chosen = try PaperItem.named(item)
    let commands = chosen.commands(isSmall: small)
    for (index, words) in commands.enumerated() {
      let arguments = try arguments(words, report: reportName(chosen, index, of: commands.count))
      Console.line("nap compare \(arguments.map(Self.quoted).joined(separator: " "))")
      guard !print else { continue }
      // The very command that this line shows: its plan is found again by whoever types it.
      let command = try Self.command(arguments)
      try command.run()
    }
  }

  /// The command of some arguments.
  static func command(_ arguments: [String]) throws -> CompareCommand {
    try CompareCommand.parse(arguments)
  }

  private func reportName(_ item: PaperItem, _ index: Int, of count: Int) -> String {
    let size = small ? "-small" : ""
    return runs.url.appendingPathComponent(
      "\(item.name)\(size)\(count > 1 ? "-\(index + 1)" : "").html"
    ).path
  }

  private func arguments(_ words: [String], report: String) throws -> [String] {
    var arguments = words + ["--report", report]
    arguments += jobs.map { ["--jobs", "\($0)"] } ?? []
    arguments += threads.map { ["--threads", "\($0)"] } ?? []
    arguments += device.map { ["--device", $0] } ?? []
    arguments += yes ? ["--yes"] : []
    arguments += ["--runs", runs.url.path]
    return arguments
  }

  private static func quoted(_ word: String) -> String {
    word.allSatisfy { $0.isLetter || $0.isNumber || "-_./,:=+".contains($0) } ? word : "'\(word)'"
  }

  /// Every item, with what it takes.
  private func index() throws {
    let facts = cost ? MachineFacts.now(runsFolder: runs.url) : nil
    for item in PaperItem.all {
      Console.line("\(item.name)  \(item.title)")
      for isSmall in [true, false] {
        let name = "nap reproduce \(item.name)\(isSmall ? " --small" : "")"
        Console.line(
          "  \(name)\(try facts.map { "  \(try hours(item, isSmall: isSmall, $0))" } ?? "")")
        for words in item.commands(isSmall: isSmall) {
          Console.line("      nap compare \(words.joined(separator: " "))")
        }
      }
      let place = item.evidence.isEmpty ? "" : " (\(item.evidence)/README.md)"
      for (title, text) in [("shown so far", item.shown + place), ("missing", item.missing)] {
        let lines = Paragraph.lines("\(title): \(text)", width: 100)
        for line in lines { Console.line("  \(line)") }
      }
      Console.line("")
    }
    if !cost {
      Console.line("Hours on this machine: nap reproduce --cost measures them for some minutes.")
    }
  }

  /// The forecast of all runs of a size, or why there is none.
  private func hours(_ item: PaperItem, isSmall: Bool, _ facts: MachineFacts) throws -> String {
    var total = 0.0
    for words in item.commands(isSmall: isSmall) {
      let command = try Self.command(words)
      let needs = try needs(Recipes.named(command.recipe), command, facts)
      guard let hours = needs.hoursOfAllRuns else {
        return "cannot run here: \(needs.problem ?? "not known")"
      }
      total += hours
    }
    return "about \(LongWorkOption.words(hours: total))"
  }

  private func needs<R: Recipe>(
    _ recipe: R.Type, _ command: CompareCommand, _ facts: MachineFacts
  ) throws -> PresetNeeds {
    let preset = try R.preset(command.configurationOptions.preset)
    let arms = try command.armOptions.names(R.self, default: preset.arms)
    let seeds = try command.seeds.map(SeedList.init)?.seeds().count ?? preset.seeds
    let subject = try PresetSurvey.subject(of: R.self, preset: preset.name)
      .with(
        arm: arms.first, settings: command.configurationOptions.overrides,
        runs: arms.count * seeds)
    var survey = PresetSurvey(
      [subject], program: try PlanRunner.executable(), seconds: 4, facts: facts)
    guard let needs = survey.next() else {
      throw UsageError("\(R.name)/\(preset.name): not measured")
    }
    return needs
  }
}
