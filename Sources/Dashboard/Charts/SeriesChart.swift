import Foundation
import RunStore
import Statistics

/// What a series panel draws: the panel's values smoothed, summarized over seeds, and counted.
struct SeriesChart {
  /// The mean over an arm's seeds at one task, with its interval.
  struct BandPoint: Equatable {
    let arm: String
    let task: Int
    let mean: Double
    let interval: ConfidenceInterval
  }

  /// One seed's value at one task; `nil` where it was not finite, so that the line breaks.
  struct SeedPoint: Equatable {
    let arm: String
    let seed: Int
    let task: Int
    let value: Double?
  }

  /// Whether the vertical axis is logarithmic.
  let isLogarithmic: Bool
  /// Tasks in the rolling mean, 1 for none.
  let window: Int
  /// Where an arm has enough seeds.
  let band: [BandPoint]
  /// Where it has not.
  let seeds: [SeedPoint]
  /// How many tasks there are, the longest run's.
  let taskCount: Int
  /// Seeds of each arm.
  let seedCount: [String: Int]
  /// The labelled values of a logarithmic axis; empty on a linear one.
  let ticks: [Double]
  /// What a reader must know that the image does not show.
  let remarks: [String]
  /// What the horizontal axis counts, in the singular.
  let axisNoun: String
  /// What a line is, in the singular.
  let lineNoun: String
  /// The labelled places of an axis with few of them; empty where the renderer chooses.
  let places: [Int]

  init(_ panel: SeriesPanel, arms: [String]) {
    let values = panel.lines.flatMap { $0.values.values }
    let finite = values.filter(\.isFinite)
    let isLogarithmic = SeriesChart.isLogarithmic(panel.scale, finite)
    let allTasks = Set(panel.lines.flatMap { $0.values.keys }).sorted()
    lineNoun = panel.lineNoun
    let span = (allTasks.last ?? 0) - (allTasks.first ?? 0)
    places = span < 6 ? allTasks.first.map { Array($0...($0 + span)) } ?? [] : []
    let window = SeriesChart.window(forTasks: allTasks.count)
    // A window's mean hardly moves within a quarter of the window: the tasks between are not drawn.
    let stride = max(1, window / 4)
    let tasks = allTasks.enumerated()
      .filter { $0.offset % stride == 0 || $0.offset == allTasks.count - 1 }.map(\.element)
    let lines = panel.lines.map { line in
      (
        line: line,
        smooth: SeriesChart.smooth(line, of: panel, window: window, isLogarithmic: isLogarithmic)
      )
    }
    var band: [BandPoint] = []
    var seeds: [SeedPoint] = []
    for arm in arms {
      let ofArm = lines.filter { $0.line.arm == arm }
      for task in tasks {
        let present = ofArm.filter { $0.line.values[task] != nil }
        let sample = Sample(present.compactMap { $0.smooth[task] })
        if let interval = Evidence.interval(of: sample) {
          let back = { (value: Double) in isLogarithmic ? exp(value) : value }
          band.append(
            BandPoint(
              arm: arm, task: task, mean: back(sample.mean),
              interval: ConfidenceInterval(
                lower: back(interval.lower), upper: back(interval.upper))))
        } else {
          for (line, smooth) in present {
            let value = smooth[task].map { isLogarithmic ? exp($0) : $0 }
            seeds.append(SeedPoint(arm: arm, seed: line.seed, task: task, value: value))
          }
        }
      }
    }
    self.isLogarithmic = isLogarithmic
    self.window = window
    self.band = band
    self.seeds = seeds
    self.taskCount = allTasks.count
    self.axisNoun = panel.axis.noun
    self.seedCount = Dictionary(
      panel.lines.map { ($0.arm, 1) }, uniquingKeysWith: { $0 + $1 })
    self.ticks =
      isLogarithmic
      ? SeriesChart.logarithmicTicks(
        band.flatMap { [$0.interval.lower, $0.interval.upper] } + seeds.compactMap(\.value)) : []
    self.remarks = SeriesChart.remarks(
      panel, arms: arms, isLogarithmic: isLogarithmic, finite: finite, all: values)
  }

  /// What lines and bands are, and the smoothing where there is any.
  var subtitle: [String] {
    var parts: [String] = []
    if !band.isEmpty {
      let counts = Set(seedCount.values.filter { $0 >= Evidence.minimumSeedCount })
      let seeds = counts.count == 1 ? "of \(counts.first ?? 0) \(lineNoun)s" : "over \(lineNoun)s"
      parts.append("\(isLogarithmic ? "geometric mean" : "mean") \(seeds), 95 % t band")
    }
    if !seeds.isEmpty {
      parts.append(band.isEmpty ? "one line a \(lineNoun)" : "thin: single \(lineNoun)s")
    }
    let first = parts.joined(separator: "; ")
    return window > 1 ? [first, "rolling mean over \(Format.count(window, axisNoun))"] : [first]
  }

  /// Powers of ten, with more multiples of them the fewer powers fit; at most six.
  static func logarithmicTicks(_ values: [Double]) -> [Double] {
    guard let least = values.min(), let most = values.max(), least > 0, most.isFinite else {
      return []
    }
    let powers = Int(log10(least).rounded(.down))...Int(log10(most).rounded(.up))
    for steps in [[1.0], [1, 3], [1, 2, 5], [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8]] {
      let ticks = powers.flatMap { power in steps.map { $0 * pow(10, Double(power)) } }
        .filter { least <= $0 && $0 <= most }
      if ticks.count >= 3 {
        let stride = (ticks.count + 5) / 6
        return ticks.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
      }
    }
    return []
  }

  /// Tasks in the rolling mean: none up to 100 tasks, then about a fortieth of them, always odd.
  static func window(forTasks count: Int) -> Int {
    count <= 100 ? 1 : count / 80 * 2 + 1
  }

  private static func isLogarithmic(_ scale: AxisScale, _ values: [Double]) -> Bool {
    switch scale {
    case .linear: return false
    case .logarithmic: return true
    case .automatic:
      guard let least = values.min(), let most = values.max() else { return false }
      return least > 0 && most / least > 10
    }
  }

  /// One run's values by task after smoothing, piece by piece, as logarithms on a logarithmic axis.
  private static func smooth(
    _ line: SeriesPanel.Line, of panel: SeriesPanel, window: Int, isLogarithmic: Bool
  ) -> [Int: Double] {
    let pieces = Dictionary(grouping: line.values) { panel.piece(of: $0.key) }
    var result: [Int: Double] = [:]
    for piece in pieces.values {
      let sorted = piece.sorted { $0.key < $1.key }
      let values = sorted.map { entry in
        isLogarithmic ? (entry.value > 0 ? log(entry.value) : .nan) : entry.value
      }
      let smooth = rollingMean(values, window: window)
      for (index, entry) in sorted.enumerated() where values[index].isFinite {
        result[entry.key] = smooth[index]
      }
    }
    return result
  }

  private static func remarks(
    _ panel: SeriesPanel, arms: [String], isLogarithmic: Bool, finite: [Double], all: [Double]
  ) -> [String] {
    var remarks: [String] = []
    let notFinite = all.count - finite.count
    if notFinite > 0 {
      remarks.append("\(Format.count(notFinite, "value")) not finite, left out as gaps")
    }
    let notPositive = isLogarithmic ? finite.count { $0 <= 0 } : 0
    if notPositive > 0 {
      remarks.append(
        "\(Format.count(notPositive, "value")) not above 0, which a logarithmic axis cannot show")
    }
    let longest = panel.lines.compactMap { $0.values.keys.max() }.max() ?? 0
    for arm in arms {
      let ends = panel.lines.filter { $0.arm == arm }
        .map { $0.isOver ? longest : $0.values.keys.max() ?? -1 }
      let short = ends.count { $0 < longest }
      if short > 0 {
        let first = (ends.min() ?? 0) + 1
        remarks.append(
          "\(arm): \(short) of \(Format.count(ends.count, "seed")) end early, "
            + "the first after \(Format.count(first, panel.axis.noun))")
      }
    }
    return remarks
  }
}
