public import RunStore
import Texts
import Torch

/// Reads the configuration of a run, a plan or a checkpoint from its JSON.
enum StoredConfiguration {
  /// The configuration, with its ranges checked.
  ///
  /// - Parameter owner: its place, for errors: a file, or `run ID`.
  /// - Throws: ``StoredConfigurationError`` for text that is no configuration of the recipe, or one
  ///   that cannot be run.
  static func read<R: Recipe>(
    _ recipe: R.Type, from text: String, of owner: String
  ) throws(StoredConfigurationError) -> R.Configuration {
    func refusal(_ found: String) -> StoredConfigurationError {
      StoredConfigurationError(owner: owner, recipe: R.name, found: Excerpt.of(found, atMost: 300))
    }
    do {
      let configuration = try JSONText.decode(R.Configuration.self, from: text)
      _ = try R.validate(configuration)
      return configuration
    } catch let error as DecodingError {
      throw refusal(error.sentence)
    } catch {
      throw refusal("\(error)")
    }
  }
}

extension StoredConfiguration {
  /// Whether two texts are the same configuration. Earlier versions wrote keys that the chosen kinds do not use, and
  /// other names.
  static func isSame<R: Recipe>(_ recipe: R.Type, _ one: String, _ other: String) -> Bool {
    func today(_ text: String) -> String? {
      try? JSONText.encode(JSONText.decode(R.Configuration.self, from: text))
    }
    return one == other || today(one).map { $0 == today(other) } ?? false
  }
}

extension Recipe {
  /// The configuration of a run; `nil` if this program cannot read it.
  private static func configuration(of run: Run) -> Configuration? {
    try? JSONText.decode(Configuration.self, from: run.configuration)
  }

  /// Whether a run uses knowledge of when the task changes by its settings, as far as they can be read.
  public static func knowsBoundaries(of run: Run) -> Bool {
    configuration(of: run).map(knowsBoundaries) ?? false
  }

  /// What methods' settings made of the networks of runs, as far as they can be read, each once.
  public static func methodRemarks(of runs: [Run]) -> [String] {
    var seen: Set<String> = []
    return runs.flatMap { configuration(of: $0).map(methodRemarks) ?? [] }
      .filter { seen.insert($0).inserted }
  }

  /// The tasks of runs by name; `nil` where they have none, differ, or cannot be read.
  public static func taskRow(of runs: [Run]) -> TaskRow? {
    let rows = runs.map { configuration(of: $0).flatMap(taskRow) }
    guard let first = rows.first, rows.allSatisfy({ $0 == first }) else { return nil }
    return first
  }
}

/// A stored configuration that this program cannot run.
public struct StoredConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Its place: a file, or `run ID`.
  public let owner: String
  /// The recipe that it should be one of.
  public let recipe: String
  /// Why it is none.
  public let found: String

  /// One sentence.
  public var description: String {
    "\(owner): expected a configuration of \(recipe), found one that cannot be used (\(found)); "
      + "use the version of nap that wrote it, or train a new run"
  }
}
