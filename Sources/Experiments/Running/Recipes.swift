public import Torch

/// The recipes: those of the package, and those that a program adds.
public enum Recipes {
  private static let registry = Registry<any Recipe.Type>(
    "recipe",
    [
      RandomLabels.self, DeadUnitRecovery.self, Rescaling.self, PermutedPixels.self,
      ClassIncremental.self, WarmStart.self, Grokking.self, CIFAR.self, ImageNet.self,
      Language.self, ContinualLanguage.self, Control.self, Atari.self, SequentialAtari.self,
    ]
  ) { $0.name }

  /// Every recipe, in the order of `nap list`.
  public static var all: [any Recipe.Type] { registry.all }

  /// Adds a recipe, after all that are there. Before anything else asks for recipes.
  ///
  /// - Throws: `RegistryError` for a name that is taken or cannot be one.
  public static func add(_ recipe: any Recipe.Type) throws(RegistryError) {
    try registry.add(recipe)
  }

  /// The names of those that train agents in environments.
  public static var agentNames: [String] {
    all.filter { $0 is any AgentRecipe.Type }.map { $0.name }
  }

  /// What `make demo` runs, in its default preset.
  public static var demonstration: any Recipe.Type { RandomLabels.self }

  /// A recipe by name.
  ///
  /// - Throws: ``UsageError`` with the nearest names.
  public static func named(_ name: String) throws(UsageError) -> any Recipe.Type {
    if let recipe = registry[name] { return recipe }
    throw Nearest.error(
      "there is no recipe", name, among: all.map { $0.name }, "the recipes are")
  }
}

extension Recipe {
  /// A preset by name; the first when no name is given.
  ///
  /// - Throws: ``UsageError`` with the nearest names.
  public static func preset(_ name: String?) throws(UsageError) -> Preset<Configuration> {
    if let preset = presets.first(where: { name == nil || $0.name == name }) { return preset }
    throw Nearest.error(
      "\(Self.name) has no preset", name ?? "", among: presets.map(\.name), "its presets are")
  }
}
