import RunStore

/// The memory and time of a preset on this machine: one run, and the whole comparison of `nap compare`.
public struct PresetNeeds: Codable, Hashable, Sendable {
  /// The recipe.
  public var recipe: String
  /// The preset.
  public var preset: String
  /// Settings that differ from the preset.
  public var settings: [String]
  /// Runs of the whole comparison: arms times seeds.
  public var runs: Int
  /// Runs at once: one per core, fewer where memory is short; 0 where not even one fits.
  public var jobs: Int
  /// What was measured; `nil` when it could not be.
  public var measurement: PresetMeasurement?
  /// Why it could not be measured.
  public var problem: String?

  /// Memory of one run, in bytes.
  public var memoryBytes: Int? { measurement?.memoryBytes }

  /// Hours of one run.
  public var hoursOfOneRun: Double? { measurement?.hours }

  /// Hours of the whole comparison, if every arm is as slow as the measured one.
  public var hoursOfAllRuns: Double? {
    guard let measurement, jobs > 0 else { return nil }
    return measurement.hours * Double((runs + jobs - 1) / jobs)
  }

  init(
    recipe: String, preset: String, settings: [String] = [], runs: Int, facts: MachineFacts,
    outcome: Result<PresetMeasurement, PresetSurvey.Failure>
  ) {
    self.recipe = recipe
    self.preset = preset
    self.settings = settings
    self.runs = runs
    switch outcome {
    case .success(let measurement):
      let each = max(measurement.memoryBytes, 1)
      self.measurement = measurement
      let processors = facts.usableProcessors ?? facts.host.coreCount
      jobs = min(runs, processors, facts.availableMemoryBytes / each)
      if jobs == 0 { problem = "one run needs more memory than is free" }
    case .failure(let failure):
      problem = failure.reason
      jobs = 0
    }
  }
}

extension Array<PresetNeeds> {
  /// The longest preset whose whole comparison fits into memory and a number of hours.
  public func largest(within hours: Double) -> PresetNeeds? {
    filter { ($0.hoursOfAllRuns ?? .infinity) <= hours }
      .max { ($0.hoursOfAllRuns ?? 0) < ($1.hoursOfAllRuns ?? 0) }
  }

  /// The longest preset of which at least one run fits into a number of hours.
  public func largestRun(within hours: Double) -> PresetNeeds? {
    filter { $0.jobs > 0 && ($0.hoursOfOneRun ?? .infinity) <= hours }
      .max { ($0.hoursOfOneRun ?? 0) < ($1.hoursOfOneRun ?? 0) }
  }
}
