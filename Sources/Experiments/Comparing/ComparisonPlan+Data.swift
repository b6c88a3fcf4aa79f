public import RunStore

extension ComparisonPlan {
  /// What the runs of a plan are measured in now, asked once for all entries whose settings agree in that.
  struct Worlds<R: Recipe> {
    private var known:
      [[String: String]: (manifest: ProtocolManifest?, sources: [String: String])] = [:]

    init(_ recipe: R.Type) {}

    /// Of one entry.
    ///
    /// - Throws: what keeps data or worlds from being looked at.
    mutating func of(
      _ plan: Comparison, entry position: Int
    ) throws -> (manifest: ProtocolManifest?, sources: [String: String]) {
      let key = plan.entries[position].overrides.filter { override in
        ["data.", "stream.", "worlds."].contains { override.key.hasPrefix($0) }
      }
      if let found = known[key] { return found }
      let found = try R.manifest(
        of: ComparisonPlan.request(R.self, plan, entry: position).configuration)
      known[key] = found
      return found
    }
  }

  /// Refuses a plan whose runs so far read other files than there are now: beside new ones they would be no comparison.
  ///
  /// - Returns: the runs that were begun before sums of data were kept, of which it is not known.
  /// - Throws: ``CheckpointError`` naming the file with both sums, and what keeps data from being looked at.
  public static func requireSameData<R: Recipe>(
    _ recipe: R.Type, of plan: Comparison, in store: Store
  ) throws -> [StoreIdentifier] {
    var worlds = Worlds(R.self)
    var unknown: [StoreIdentifier] = []
    for (position, entry) in plan.entries.enumerated() {
      guard let run = try entry.run.map({ try store.run($0) }) else { continue }
      let own = try worlds.of(plan, entry: position)
      if run.manifest == nil, own.manifest != nil { unknown.append(run.id) }
      try SameWorlds.requireFiles(
        of: run, against: own.manifest, sources: own.sources,
        orElse: "train everything anew with --new")
    }
    return unknown
  }

  /// The newest plan that is the same as `plan`, all of whose runs finished and read the very files that there are now.
  ///
  /// - Returns: the plan with its runs of which the latter is not known, from before sums of data were kept.
  /// - Throws: ``CheckpointError`` where there are such plans and all of them read a file that was replaced since.
  public static func soundFinished<R: Recipe>(
    _ recipe: R.Type, like plan: Comparison, in store: Store
  ) throws -> (plan: Comparison, unknown: [StoreIdentifier])? {
    var refusal: CheckpointError?
    for other in try finished(like: plan, in: store) {
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
