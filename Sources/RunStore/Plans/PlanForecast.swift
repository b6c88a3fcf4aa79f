/// How long the runs of a plan take, and which of them fit a given time.
package enum PlanForecast {
  /// Hours until all runs are done, each begun in turn by the worker that is free first.
  package static func elapsed(_ hours: [Double], workers: Int) -> Double {
    var ends = [Double](repeating: 0, count: max(1, workers))
    for run in hours {
      guard let free = ends.indices.min(by: { ends[$0] < ends[$1] }) else { continue }
      ends[free] += run
    }
    return ends.max() ?? 0
  }

  /// The first seeds all of whose runs fit: of every seed all arms or none, so that arms are compared on the same
  /// seeds.
  ///
  /// - Parameter hours: of each entry; 0 of one that is done.
  package static func seeds(
    of entries: [PlanEntry], hours: [Double], within limit: Double, workers: Int
  ) -> [Int] {
    var (chosen, taken): ([Int], [Double]) = ([], [])
    let bySeed = Dictionary(grouping: entries.indices) { entries[$0].seed }
    var order: [Int] = []
    for entry in entries where order.last != entry.seed && !order.contains(entry.seed) {
      order.append(entry.seed)
    }
    for seed in order {
      taken += (bySeed[seed] ?? []).map { hours[$0] }
      guard elapsed(taken, workers: workers) <= limit else { break }
      chosen.append(seed)
    }
    return chosen
  }
}
