public import Environments
public import Plasticity
import RunStore

/// What a program adds to the package's lists: recipes, baseline methods, diagnostics and environments of its own.
///
/// They are listed, trained, resumed, compared and measured as the package's are, by whoever reads ``Recipes``,
/// `Interventions`, `Diagnostics` and `EnvironmentName`.
public enum Additions {
  /// Adds to the lists, in order. Once, before anything reads them.
  ///
  /// - Throws: `RegistryError` for a name that is taken or cannot be one, and for the place of a method beside one that
  ///   is not there; `GlossaryError` for a series of a diagnostic that is defined already.
  public static func add(
    recipes: [any Recipe.Type] = [], methods: [any Intervention.Type] = [],
    diagnostics: [any Diagnostic.Type] = [], environments: [AddedEnvironment] = []
  ) throws {
    for method in methods { try Interventions.add(method) }
    for diagnostic in diagnostics {
      try Diagnostics.add(diagnostic)
      for entry in Metric.Entry.entries(of: diagnostic) { try Metric.define(entry) }
    }
    for environment in environments { try AddedEnvironment.add(environment) }
    for recipe in recipes { try Recipes.add(recipe) }
  }
}

extension Metric.Entry {
  /// An entry for each series of a diagnostic.
  static func entries(of diagnostic: any Diagnostic.Type) -> [Metric.Entry] {
    diagnostic.metrics.map { name in
      let definition = diagnostic.definitions.first { $0.metric == name }
      let metric = Metric(name)
      return Metric.Entry(
        metric, definition?.title ?? metric.title, unit: definition?.unit ?? "",
        definition?.definition ?? diagnostic.summary,
        over: "what the diagnostic `\(diagnostic.name)` says",
        when: "where `recording.diagnostics` names it", source: diagnostic.source)
    }
  }
}
