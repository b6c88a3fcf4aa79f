import Foundation
import Testing

@testable import Experiments
@testable import NapCommand

@Suite struct ReproduceTests {
  private func entries<R: Recipe>(_ recipe: R.Type, _ command: CompareCommand) throws -> Int {
    let preset = try R.preset(command.configurationOptions.preset)
    let overrides = try command.configurationOptions.parsed(for: R.self)
    let arms = try command.armOptions.names(R.self, default: preset.arms)
    for arm in arms {
      _ = try R.validate(overrides.configuration(of: R.self, from: preset.configuration, arm: arm))
    }
    return try arms.count * (command.seeds.map(SeedList.init)?.seeds().count ?? preset.seeds)
  }

  @Test func `every command of the index is one of nap compare, with arms and settings that exist`()
    throws
  {
    for item in PaperItem.all {
      for words in item.full + item.small {
        let command = try ReproduceCommand.command(words)
        #expect(try entries(Recipes.named(command.recipe), command) > 0, "\(words)")
      }
    }
  }

  @Test
  func `the index shows commands and evidence, and a figure is made by nap compare and goes on`()
    throws
  {
    try withProgram { nap in
      let index = try nap.run(["reproduce"])
      for words in [
        "figure-1", "table-1", "nap compare rescaling --preset exact", "missing:",
        "Results/random-labels/README.md",
      ] {
        #expect(index.output.contains(words), "\(words)\n\(index.output)")
      }
      let printed = try nap.run(["reproduce", "figure-5", "--print"])
      #expect(
        printed.output.split(whereSeparator: \.isNewline).count == 2
          && printed.output.contains("network=cnn"))
      #expect(try nap.run(["reproduce", "figure-9"]).code == 2)
      #expect(try nap.run(["reproduce", "--small"]).code == 2)
      let made = try nap.run(["reproduce", "figure-3", "--small", "--threads", "1"])
      #expect(made.code == 0, "\(made.errors)")
      #expect(
        FileManager.default.fileExists(
          atPath: nap.runs.appendingPathComponent("figure-3-small.html").path))
      let again = try nap.run(["reproduce", "figure-3", "--small", "--threads", "1"])
      #expect(again.code == 0)
      let runs = try nap.run(["runs"]).output.split(whereSeparator: \.isNewline).count {
        $0.contains("finished")
      }
      #expect(runs == 4, "trained again: \(runs)")
    }
  }
}
