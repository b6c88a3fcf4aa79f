public import Foundation
import Texts
import Torch

/// Everything that decides a run but the machine, as the JSON file that `nap train --print-config` writes and
/// `--config` takes.
///
///     {"recipe": "random-labels", "preset": "short", "arm": "nap", "seed": 0, "configuration": {…}}
///
/// A run that `nap runs export` wrote is taken, too.
public struct RunDescription: Hashable, Sendable {
  /// The recipe's name.
  public var recipe: String
  /// The preset's name, for the record.
  public var preset: String
  /// The arm's name, for the record: what it switches is in the configuration.
  public var arm: String
  /// The seed.
  public var seed: Int
  /// The resolved configuration as JSON.
  public var configuration: String
  /// Where it was read, for errors.
  var source = "--config"
  /// Whether a run's record has it, which may be of an earlier version, with keys that are no longer used.
  private var isRecord = false

  /// A description of a run with a configuration.
  public init<R: Recipe>(
    _ recipe: R.Type, preset: String, arm: String, seed: Int, configuration: R.Configuration
  ) throws {
    (self.recipe, self.preset, self.arm, self.seed) = (R.name, preset, arm, seed)
    self.configuration = try JSONText.encode(configuration)
  }

  private struct Members: Codable {
    var recipe: String
    var preset: String?
    var arm: String?
    var seed: Int?
    var configuration: JSON
  }
  private struct Archive: Decodable { let run: Members }

  /// Reads a file.
  ///
  /// - Throws: ``UsageError`` naming the file for one that cannot be read or describes no run.
  public init(reading url: URL) throws(UsageError) {
    func refusal(_ found: String) -> UsageError {
      UsageError(
        "--config \(url.path): expected JSON with the members recipe and configuration, as nap train RECIPE "
          + "--print-config writes, found \(Excerpt.of(found, atMost: 200))")
    }
    let data: Data
    do { data = try Data(contentsOf: url) } catch { throw refusal("no file that can be read") }
    let members: Members
    do {
      members =
        try (try? JSONText.decode(Archive.self, from: data).run)
        ?? JSONText.decode(Members.self, from: data)
      // An exported run has its configuration as text.
      if case .string(let text) = members.configuration {
        configuration = text
        isRecord = true
      } else {
        configuration = try JSONText.encode(members.configuration)
      }
    } catch let error as DecodingError {
      throw refusal(error.sentence)
    } catch {
      throw refusal("\(error)")
    }
    recipe = members.recipe
    preset = members.preset ?? "config"
    arm = members.arm ?? "config"
    seed = members.seed ?? 0
    source = "--config \(url.path)"
  }

  /// The configuration, checked.
  ///
  /// - Throws: ``UsageError`` for a key that the configuration does not have, and what
  ///   ``Recipe/validate(_:)`` throws.
  public func configuration<R: Recipe>(of recipe: R.Type) throws -> R.Configuration {
    let found = try StoredConfiguration.read(R.self, from: configuration, of: source)
    guard !isRecord else { return found }
    let known = Set(try ConfigurationListing.rows(found).map(\.key))
    let given = try JSONText.decode(JSON.self, from: configuration)
    for path in given.paths where !known.contains(RenamedSettings.current(path)) {
      guard given[path.split(separator: ".").map(String.init)[...]] != .null,
        !known.contains(where: { $0.hasPrefix("\(path).") })
      else { continue }
      let nearest = Nearest.names(to: path, among: known.sorted())
      throw UsageError(
        "\(source): \(R.name) has no setting configuration.\(Excerpt.of(path)) with the kinds that the file chooses"
          + (nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: ", "))?"))
    }
    return found
  }

  /// The description as a file has it.
  public func text() throws -> String {
    try JSONText.encode(
      Members(
        recipe: recipe, preset: preset, arm: arm, seed: seed,
        configuration: JSONText.decode(JSON.self, from: configuration)), pretty: true)
  }
}
