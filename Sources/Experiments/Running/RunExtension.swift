import Plasticity
public import RunStore
import Texts
import Training

/// A configuration whose runs can go on beyond their end, with `nap train --resume RUN --extend tasks=800`.
public protocol ExtensibleConfiguration: Codable {
  /// The settings that only say how long a run is, by the word that `--extend` takes for each.
  ///
  /// A longer run begins with the same updates as a shorter one.
  var lengthSettings: [String: String] { get }

  /// Why a run that was shorter does not end as one that had this length from the start, as a clause; `nil`, the
  /// default, where it does.
  func lengthRemark(since shorter: Self) -> String?
}

extension ExtensibleConfiguration {
  /// It does.
  public func lengthRemark(since shorter: Self) -> String? { nil }
}

/// What a run becomes that goes on beyond its end.
public struct RunExtension<R: Recipe> {
  /// The run's configuration with its new length.
  public let configuration: R.Configuration
  /// What a person should know before it goes on, one sentence each.
  public let remarks: [String]

  /// The extension of a stopped run.
  ///
  /// - Parameter text: such as `tasks=800`: a word of ``ExtensibleConfiguration/lengthSettings`` or its key.
  /// - Throws: ``UsageError`` for a run of a plan, a recipe without a length, a word that is none and a length that
  ///   is not above the run's.
  public init(_ run: Run, _ text: String) throws {
    if let group = run.group {
      throw UsageError(
        "--extend: run \(run.id) is one of plan \(group), whose runs have one length; "
          + "nap train --from \(run.id) --set … makes a run of its own")
    }
    let old = try StoredConfiguration.read(R.self, from: run.configuration, of: "run \(run.id)")
    let settings = (old as? any ExtensibleConfiguration)?.lengthSettings ?? [:]
    guard !settings.isEmpty else {
      throw UsageError("--extend: \(R.name) has no setting that lengthens a run")
    }
    let words = settings.keys.sorted().map { "\($0)=…" }.joined(separator: " or ")
    guard let given = try? ConfigurationOverride(parsing: text),
      let key = settings[given.key] ?? settings.values.first(where: { $0 == given.key })
    else { throw UsageError("--extend \(Excerpt.of(text)): expected \(words) for this run") }
    let before = try ConfigurationListing.rows(old).first { $0.key == key }?.value ?? ""
    guard let length = Int(given.value), length > Int(before) ?? .max else {
      throw UsageError(
        "--extend \(Excerpt.of(text)): expected a whole number above the \(before) that run \(run.id) has"
      )
    }
    configuration = try [ConfigurationOverride(key: key, value: given.value)].applied(to: old)
    _ = try R.validate(configuration)
    var clauses = [Self.lengthRemark(configuration, since: old)].compactMap { $0 }
    let arm = try ArmName(parsing: run.arm).arm
    if try R.configuration(old, arm: arm) == old,
      try R.configuration(configuration, arm: arm) != configuration
    {
      clauses.append(
        "arm \(run.arm) took its schedule from the length that the run had, and keeps it")
    }
    remarks = clauses.map {
      "\($0), so run \(run.id) does not end as one that had this length from the start"
    }
  }

  private static func lengthRemark(
    _ longer: R.Configuration, since shorter: R.Configuration
  ) -> String? {
    func asked<C: ExtensibleConfiguration>(_ longer: C) -> String? {
      (shorter as? C).flatMap(longer.lengthRemark)
    }
    return (longer as? any ExtensibleConfiguration).flatMap { asked($0) }
  }
}

extension StoredConfiguration {
  /// Whether a text is the configuration of another as it was before the run was extended: the same with no greater
  /// length.
  static func isShorter<R: Recipe>(_ recipe: R.Type, _ one: String, than other: String) -> Bool {
    guard let one = try? JSONText.decode(R.Configuration.self, from: one),
      let other = try? JSONText.decode(R.Configuration.self, from: other),
      let keys = (other as? any ExtensibleConfiguration)?.lengthSettings.values,
      let earlier = try? ConfigurationListing.rows(one),
      let rows = try? ConfigurationListing.rows(other)
    else { return false }
    let lengths = rows.filter { keys.contains($0.key) }
    let before = Dictionary(earlier.map { ($0.key, Int($0.value)) }, uniquingKeysWith: { $1 })
    guard
      lengths.allSatisfy({ row in
        guard let length = before[row.key] ?? nil else { return false }
        return length <= Int(row.value) ?? 0
      })
    else { return false }
    let overrides = lengths.map { ConfigurationOverride(key: $0.key, value: $0.value) }
    return (try? overrides.applied(to: one)) == other
  }
}

extension ContinualConfiguration: ExtensibleConfiguration {
  /// Tasks; of one task also its updates or epochs.
  public var lengthSettings: [String: String] {
    var settings = ["tasks": "tasks"]
    guard tasks == 1 else { return settings }
    if stream.epochsPerTask > 0 {
      settings["epochs"] = "stream.epochsPerTask"
    } else {
      settings["updates"] = "updatesPerTask"
    }
    return settings
  }

  /// Methods may derive settings from a task's length.
  public func lengthRemark(since shorter: Self) -> String? {
    methodsRemark(tasks == shorter.tasks)
  }
}

extension TaskConfiguration: ExtensibleConfiguration {
  /// Tasks; of one task also its updates.
  public var lengthSettings: [String: String] {
    tasks == 1 ? ["tasks": "tasks", "updates": "updatesPerTask"] : ["tasks": "tasks"]
  }

  /// Methods may derive settings from a task's length.
  public func lengthRemark(since shorter: Self) -> String? {
    methodsRemark(tasks == shorter.tasks)
  }
}

extension LanguageConfiguration: ExtensibleConfiguration {
  /// Cycles of texts; of one visit also its updates.
  public var lengthSettings: [String: String] {
    visits == 1 ? ["cycles": "cycles", "updates": "updatesPerTask"] : ["cycles": "cycles"]
  }

  /// Methods may derive settings from a visit's length.
  public func lengthRemark(since shorter: Self) -> String? {
    methodsRemark(cycles == shorter.cycles)
  }
}

extension VisionConfiguration: ExtensibleConfiguration {
  /// Epochs, or updates where there are none.
  public var lengthSettings: [String: String] {
    epochs > 0 ? ["epochs": "epochs"] : ["updates": "updatesPerTask"]
  }

  /// A schedule over the whole run changes with its length.
  public func lengthRemark(since shorter: Self) -> String? {
    let (one, two) = (design(updates: 1).schedule, design(updates: 2).schedule)
    return one == two
      ? methodsRemark(true)
      : "the schedule decays over the whole run (schedule.decayUpdates=0) and did so over the shorter one"
  }
}

extension ArmedConfiguration {
  /// The remark on methods that follow the length of a task, where that changed.
  fileprivate func methodsRemark(_ isTaskLonger: Bool) -> String? {
    isTaskLonger && methods.names.contains("learning-rate-rewarming")
      ? "learning-rate-rewarming takes its period from the length of a task" : nil
  }
}

extension AgentRunConfiguration: ExtensibleConfiguration {
  /// Visits; of one visit also its frames.
  public var lengthSettings: [String: String] {
    environments.visitCount == 1
      ? ["visits": "environments.visits", "frames": "environments.framesPerVisit"]
      : ["visits": "environments.visits"]
  }

  /// A visit ends its episode, and a finished run has deleted its replay.
  public func lengthRemark(since shorter: Self) -> String? {
    if ppo == nil { return "the replay of a finished run is deleted and fills again" }
    return environments.framesPerVisit == shorter.environments.framesPerVisit
      ? nil : "the episode under way was cut where the run ended"
  }
}
