import Statistics
import Testing

/// Intervals of measurements in groups.
@Suite struct GroupedSampleTests {
  @Test func `groups differ as much as they like and the interval stays that of the seeds`() throws
  {
    let near: [Double] = [0, 1, 2, 3, 4]
    let groups = GroupedSample([Sample(near), Sample(near.map { $0 + 100 })])
    #expect(groups.all.mean == 52)
    let interval = try #require(groups.interval(of: \.mean, draws: 20_000))
    // The variance of a bootstrap mean is that of each group over all measurements: 2 x 5 x 2 / 10^2.
    let half = 1.96 * (2.0 * 5 * 2 / 100).squareRoot()
    #expect(abs(interval.lower - (52 - half)) < 0.08 && abs(interval.upper - (52 + half)) < 0.08)
    #expect(groups.interval(of: \.mean, draws: 20_000) == interval)
  }

  @Test func `equal measurements have an interval without width`() {
    let groups = GroupedSample(Array(repeating: Sample([3, 3, 3, 3, 3]), count: 3))
    #expect(groups.interval(of: \.interquartileMean) == ConfidenceInterval(lower: 3, upper: 3))
  }

  @Test func `a game with few seeds gives no interval`() {
    #expect(GroupedSample([Sample([1, 2, 3, 4, 5]), Sample([1, 2])]).interval(of: \.mean) == nil)
    #expect(GroupedSample([]).interval(of: \.mean) == nil)
  }
}
