import Foundation
import Networks
import TestSupport
import Testing

@testable import Experiments

/// The law of settings: whatever number a setting is given, it is refused in one sentence or leads to a configuration
/// that every arm can be made of, without a trap; and none is accepted that nothing could be computed with.
///
/// `SettingProgramTests` hold the program to the same. A case is named in a file before it is tried, so that the one at
/// which a process ended is known; the law then continues behind it.
@Suite(.timeLimit(.minutes(60))) struct SettingLawTests {
  @Test(arguments: Recipes.all.map { $0.name })
  func `every setting takes any number without a trap, and none that is out of all range`(
    recipe: String
  ) async throws {
    var first = 0
    for _ in 0..<20 {
      let end = await #expect(processExitsWith: .success) {
        [recipe = recipe as String, first = first as Int] in
        try SettingLaw(recipe).check(from: first)
      }
      guard end == nil, let place = try SettingLaw(recipe).place else { return }
      Issue.record("\(recipe): the process ended at case \(place.number), \(place.name)")
      first = place.number + 1
    }
  }
}

/// The law for one recipe.
private struct SettingLaw {
  let recipe: any Recipe.Type

  init(_ name: String) throws { recipe = try Recipes.named(name) }

  private var note: URL {
    FileManager.default.temporaryDirectory.appending(path: "nap-setting-law-\(recipe.name)")
  }

  /// The case at which a process ended.
  var place: (number: Int, name: String)? {
    let words = (try? String(contentsOf: note, encoding: .utf8))?.split(
      separator: " ", maxSplits: 1)
    guard let words, words.count == 2, let number = Int(words[0]) else { return nil }
    return (number, String(words[1]))
  }

  /// Tries every case from one on; to be called in a process of its own.
  func check(from first: Int) throws {
    try? FileManager.default.removeItem(at: note)
    try check(recipe, from: first)
    try? FileManager.default.removeItem(at: note)
  }

  private func check<R: Recipe>(_ recipe: R.Type, from first: Int) throws {
    var number = 0
    var accepted = 0
    for (rank, preset) in R.presets.enumerated() {
      // Methods are the same in every recipe of a kind; later presets have other values of the same settings.
      let withMethods = rank == 0 && (R.name == "random-labels" || R.name == "control")
      let values = rank == 0 || isNightly ? SettingCatalogue.values : ["9223372036854775807"]
      let settings = try SettingCatalogue.settings(
        of: R.self, preset.configuration, withMethods: withMethods)
      for setting in settings {
        for value in values {
          defer { number += 1 }
          guard number >= first else { continue }
          let name = "\(preset.name) \(setting.arm ?? "") \(setting.key)=\(value)"
          try "\(number) \(name)".write(to: note, atomically: false, encoding: .utf8)
          if try isAccepted(R.self, preset.configuration, setting, value, name) { accepted += 1 }
        }
      }
    }
    #expect(first > 0 || (accepted > 0 && accepted < number), "\(accepted) of \(number) accepted")
  }

  private func isAccepted<R: Recipe>(
    _ recipe: R.Type, _ preset: R.Configuration, _ setting: SettingCatalogue.Setting,
    _ value: String, _ name: String
  ) throws -> Bool {
    let arms = setting.arm.map { [$0] } ?? R.arms.map(\.name)
    var accepted = 0
    do {
      let overrides = try (setting.before + ["\(setting.key)=\(value)"])
        .map { try ConfigurationOverride(parsing: $0) }
      // What an arm derives from a setting comes before the check.
      let own = setting.arm == nil ? try overrides.applied(to: preset) : preset
      for arm in arms {
        var configuration = try R.configuration(own, arm: arm)
        if setting.arm != nil { configuration = try overrides.applied(to: configuration) }
        _ = try R.validate(configuration)
        accepted += 1
        try use(R.self, configuration)
      }
    } catch is UsageError {
    } catch is Networks.ConfigurationError {
    } catch {
      Issue.record("\(name): \(type(of: error)): \(error)")
    }
    let isFree =
      SettingCatalogue.seeds.contains(setting.key) || SettingCatalogue.sizes.contains(setting.key)
    // An arm without a part of the method has no use for its settings.
    let isAccepted = accepted == arms.count
    if isAccepted, !isFree, SettingCatalogue.beyondAll.contains(value) {
      Issue.record("\(name) is accepted")
    }
    return isAccepted
  }

  /// What is made of a configuration before it is trained.
  private func use<R: Recipe>(_ recipe: R.Type, _ configuration: R.Configuration) throws {
    _ = R.knowsBoundaries(configuration)
    _ = R.taskRow(configuration)
    _ = R.rehearsal(configuration)
  }
}
