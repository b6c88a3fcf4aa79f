public import Foundation
public import NormalizeAndProject
import Texts
public import Torch

/// A run whose network can be audited.
public protocol AuditableRun: TrainingRun {
  /// What scaling each parameter does, over inputs of the run.
  ///
  /// - Throws: `AuditError`, and errors of missing inputs.
  func audit() throws -> AuditReport

  /// Restores the part of a checkpoint that ``audit()`` needs: by default all of it.
  mutating func restoreForAudit(_ state: State) throws
}

extension AuditableRun {
  /// The whole state.
  public mutating func restoreForAudit(_ state: State) throws { try restore(state) }
}

/// Audits the network of a recipe or of a checkpoint.
public enum Auditing {
  /// The audit of a recipe's network at its start.
  ///
  /// - Throws: ``UsageError`` for a recipe without an audit.
  public static func report<R: Recipe>(
    _ recipe: R.Type, _ configuration: R.Configuration, seed: Int
  ) throws -> AuditReport {
    try auditable(R.self, R.started(configuration, seed: seed, device: .cpu)).audit()
  }

  /// The audit of the network that a checkpoint holds.
  ///
  /// - Throws: `SafetensorsError` for a damaged file, ``CheckpointError`` for one that is no checkpoint
  ///   of a recipe, does not fit it, or holds weights that are not finite.
  public static func report(checkpoint url: URL) throws -> AuditReport {
    let checkpoint = try Checkpoint(reading: url)
    guard let recipe = try? Recipes.named(checkpoint.identity.recipe) else {
      throw CheckpointError(
        path: url.path,
        expected: "a checkpoint of \(Recipes.all.map { $0.name }.joined(separator: ", "))",
        found: "one of recipe '\(Excerpt.of(checkpoint.identity.recipe))'",
        remedy: "read it with nap \(Excerpt.of(checkpoint.identity.napVersion)), which wrote it")
    }
    return try report(recipe, checkpoint, path: url.path)
  }

  private static func report<R: Recipe>(
    _ recipe: R.Type, _ checkpoint: Checkpoint, path: String
  ) throws -> AuditReport {
    let configuration = try StoredConfiguration.read(
      R.self, from: checkpoint.identity.configuration, of: path)
    var run = try auditable(
      R.self, R.started(configuration, seed: checkpoint.identity.seed, device: .cpu))
    try checkpoint.fitting(path) { try run.restoreForAudit(checkpoint.snapshot) }
    try checkpoint.checkPlace(of: run, path: path)
    if let name = try run.snapshot().firstNotFinite {
      throw CheckpointError(
        path: path, expected: "finite weights", found: "NaN or an infinity in \(name)",
        remedy: "audit an earlier checkpoint of the run")
    }
    return try run.audit()
  }

  private static func auditable<R: Recipe>(
    _ recipe: R.Type, _ run: R.Training
  ) throws -> any AuditableRun {
    guard let run = run as? any AuditableRun else {
      throw UsageError("recipe \(R.name) has no network to audit")
    }
    return run
  }
}
