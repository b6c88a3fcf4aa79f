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
      nap reproduce figure-1 --small --dry-run its runs and a forecast
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

  @Flag(help: "Lists the runs with a forecast and trains nothing, as nap compare does.")
  var dryRun = false

  @Option(help: "Runs at once, as for nap compare.")
  var jobs: Int?

  @Option(help: "Threads of a run, as for nap compare.")
  var threads: Int?

  @Option(help: "The device of the runs, as for nap compare.")
  var device: String?

  @Flag(
    inversion: .prefixedNo, exclusivity: .exclusive,
    help: "Whether updates are replayed on a GPU, as for nap compare.")
  var capture: Bool?

  @Flag(help: "Starts work of more than an hour without asking.")
  var yes = false

  @OptionGroup var runs: RunsOption

  func validate() throws {
    guard item == nil || !cost else {
      throw ValidationError("--cost goes without a figure: nap reproduce --cost")
    }
    guard item != nil || (!small && !print && !dryRun) else {
      throw ValidationError(
        "--small, --print and --dry-run go with a figure: nap reproduce figure-1 --small")
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
    arguments += capture.map { [$0 ? "--capture" : "--no-capture"] } ?? []
    arguments += yes ? ["--yes"] : []
    arguments += dryRun ? ["--dry-run"] : []
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
        Console.line("  nap reproduce \(item.name)\(isSmall ? " --small" : "")")
        for words in item.commands(isSmall: isSmall) {
          Console.line("      nap compare \(words.joined(separator: " "))")
          guard let facts else { continue }
          for line in Paragraph.lines(try cost(of: words, facts), width: 100) {
            Console.line("          \(line)")
          }
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

  /// The forecast of all runs of a command, or why there is none.
  private func cost(of words: [String], _ facts: MachineFacts) throws -> String {
    let command = try Self.command(words)
    let needs = try needs(Recipes.named(command.recipe), command, facts)
    guard let hours = needs.hoursOfAllRuns else {
      return "cannot run here: \(needs.problem ?? "not known")"
    }
    return
      "about \(LongWorkOption.words(hours: hours)) for \(needs.runs) run\(needs.runs == 1 ? "" : "s")"
  }

  private func needs<R: Recipe>(
    _ recipe: R.Type, _ command: CompareCommand, _ facts: MachineFacts
  ) throws -> PresetNeeds {
    let preset = try R.preset(command.configurationOptions.preset)
    let arms = try command.armOptions.names(R.self, default: preset.arms)
    let games = try command.games.names(R.self)
    let subject = try PresetSurvey.subject(of: R.self, preset: preset.name)
      .with(
        arm: arms.first,
        settings: command.configurationOptions.overrides
          + command.games.base(games).map { "\($0.key)=\($0.value)" },
        runs: try arms.count * max(1, games.count) * command.seedCount(preset.seeds))
    var survey = PresetSurvey(
      [subject], program: try PlanRunner.executable(), seconds: 4, facts: facts)
    guard let needs = survey.next() else {
      throw UsageError("\(R.name)/\(preset.name): not measured")
    }
    return needs
  }
}

extension CompareCommand {
  /// Seeds of each arm: those asked for, or the preset's.
  func seedCount(_ preset: Int) throws -> Int {
    try seeds.map { try SeedList(parsing: $0).seeds().count } ?? preset
  }
}
