public import RunStore

extension ComparisonPlan {
  /// The manifests of a plan's runs now, computed once for all entries with the same data settings.
  struct EnvironmentFacts<R: Recipe> {
    private var known:
      [[String: String]: (manifest: ProtocolManifest?, sources: [String: String])] = [:]

    init(_ recipe: R.Type) {}

    /// The manifest of one entry.
    ///
    /// - Throws: errors of missing data or environments.
    mutating func of(
      _ plan: Comparison, entry position: Int
    ) throws -> (manifest: ProtocolManifest?, sources: [String: String]) {
      let key = plan.entries[position].overrides.filter { override in
        ["data.", "stream.", "environments."].contains { override.key.hasPrefix($0) }
      }
      if let found = known[key] { return found }
      let found = try R.manifest(
        of: ComparisonPlan.request(R.self, plan, entry: position).configuration)
      known[key] = found
      return found
    }
  }

  /// Refuses a plan whose runs read other files than those that are there now: they cannot be compared with new runs.
  ///
  /// - Returns: old runs without recorded checksums, for which this is not known.
  /// - Throws: ``CheckpointError`` with the file and both checksums, and errors of missing data.
  public static func requireSameData<R: Recipe>(
    _ recipe: R.Type, of plan: Comparison, in store: Store
  ) throws -> [StoreIdentifier] {
    var environments = EnvironmentFacts(R.self)
    var unknown: [StoreIdentifier] = []
    for (position, entry) in plan.entries.enumerated() {
      guard let run = try entry.run.map({ try store.run($0) }) else { continue }
      let own = try environments.of(plan, entry: position)
      if run.manifest == nil, own.manifest != nil { unknown.append(run.id) }
      try SameEnvironments.requireFiles(
        of: run, against: own.manifest, sources: own.sources,
        orElse: "train all runs again with --new")
    }
    return unknown
  }

  /// The newest finished plan that is the same as `plan` and whose runs read the files that are there now.
  ///
  /// - Returns: the plan, and its old runs without recorded checksums, for which this is not known.
  /// - Throws: ``CheckpointError`` if there are such plans but all of them read a file that was replaced since.
  public static func soundFinished<R: Recipe>(
    _ recipe: R.Type, like plan: Comparison, in store: Store
  ) throws -> (plan: Comparison, unknown: [StoreIdentifier])? {
    var refusal: CheckpointError?
    for other in try finished(R.self, like: plan, in: store) {
      do {
        return (other, try requireSameData(R.self, of: other, in: store))
      } catch let error as CheckpointError {
        refusal = refusal ?? error
      }
    }
    if let refusal { throw refusal }
    return nil
  }
}
