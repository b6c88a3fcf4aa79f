import ArgumentParser
import Environments
import Experiments

/// Environments that a plan trains one by one.
struct GamesOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Environments to train on one by one, separated by commas: a game of Atari by its name, or as --env has them.",
      valueName: "names"))
  var games: String?

  /// - Throws: `ValidationError` where environments are named by `--env`, too.
  func requireAlone(_ configuration: ConfigurationOptions) throws {
    guard games == nil || configuration.environments == nil else {
      throw ValidationError("--games, --env: each names the environments; give one of them")
    }
  }

  /// The environments, each as settings name them; a word that is none is a game of Atari.
  func names<R: Recipe>(_ recipe: R.Type) throws -> [String] {
    guard let games else { return [] }
    guard R.self is any AgentRecipe.Type else {
      throw UsageError(
        "--games \(games): \(R.name) has no environments; recipes with environments are "
          + Recipes.agentNames.joined(separator: ", "))
    }
    let names = try games.split(separator: ",", omittingEmptySubsequences: false).map { word in
      let name = String(word)
      if (try? EnvironmentName(name)) != nil { return name }
      do {
        return try EnvironmentName(name.contains(":") ? name : "atari:\(name)").text
      } catch {
        throw UsageError("--games \(games): \(error)")
      }
    }
    guard Set(names).count == names.count else {
      throw UsageError("--games \(games): expected each once")
    }
    return names
  }

  /// The first environment as a setting, for what holds for all runs of a plan; none without `--games`.
  func base(_ names: [String]) -> [ConfigurationOverride] {
    names.prefix(1).map {
      ConfigurationOverride(key: ComparisonPlan.environmentsKey, value: $0)
    }
  }
}
