import Foundation
import TestSupport
import Testing

@testable import Experiments

/// Every setting says what it means; the text is its doc comment.
@Suite struct SettingMeaningTests {
  private func silent<R: Recipe>(_ recipe: R.Type) throws -> [String] {
    try R.presets.flatMap { preset in
      try ConfigurationListing.settings(preset.configuration)
        .filter { $0.meaning?.isEmpty != false && $0.key != "methods" }.map {
          "\(R.name): \($0.key)"
        }
    }
  }

  @Test func `every key of every preset and method has a meaning`() throws {
    let settings = try Recipes.all.flatMap { try silent($0) }
    #expect(Set(settings).sorted() == [])
    let methods = MethodDescription.all.flatMap { method in
      method.settings.filter { $0.meaning == nil }.map(\.key)
    }
    #expect(methods == [])
  }

  @Test
  func
    `a meaning is the doc comment's, with the words of a choice, and its unit is what it begins with`()
    throws
  {
    let settings = try ConfigurationListing.settings(RandomLabels.presets[0].configuration)
    let byKey = Dictionary(settings.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
    #expect(byKey["optimizer.momentum"] == nil)
    #expect(byKey["optimizer.beta1"]?.meaning == "Forgetting of the first moment.")
    #expect(byKey["optimizer.kind"]?.meaning?.contains("sgd, rmsprop, adam, adamw, muon") == true)
    #expect(byKey["recording.checkpointEveryTasks"]?.unit == "tasks")
    #expect(
      SettingMeanings.unit(of: "Frames of one evaluation, at most.", value: "null") == "frames")
    #expect(SettingMeanings.unit(of: "Which frames.", value: "first") == "")
  }

  @Test func `the list of meanings is what the doc comments say`() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", packageRoot.appending(path: "Tools/settings").path, "--check"]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "run Tools/settings")
  }
}
