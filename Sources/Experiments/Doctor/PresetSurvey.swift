public import Foundation
import Texts
import Torch

/// Measures presets one after another, each in its own process.
///
///     for needs in PresetSurvey(program: nap, seconds: 60, facts: facts) { … }
///
/// If a preset does not fit into memory, only its own process ends.
public struct PresetSurvey: Sequence, IteratorProtocol {
  /// A preset to measure.
  public struct Subject: Hashable, Sendable {
    /// The recipe.
    public let recipe: String
    /// The preset.
    public let preset: String
    /// Runs of its whole comparison.
    var runs: Int
    /// The arm that is trained; by default NaP if the preset has it, else its first arm.
    public var arm: String?
    /// Settings that differ from the preset, in the form of `--set`.
    public var settings: [String] = []

    /// The same with other settings, and another number of runs of the comparison.
    public func with(arm: String? = nil, settings: [String], runs: Int? = nil) -> Subject {
      var other = self
      other.runs = runs ?? other.runs
      other.arm = arm ?? self.arm
      other.settings += settings
      return other
    }
  }

  /// Why a preset could not be measured.
  struct Failure: Error {
    var reason: String
  }

  /// Every preset of every recipe, in the order of `nap list`.
  public static var allSubjects: [Subject] { Recipes.all.flatMap { subjects(of: $0) } }

  /// The preset that the demonstration trains.
  public static var demonstration: Subject? { subjects(of: Recipes.demonstration).first }

  /// The setting of the demonstration if CIFAR-10 is missing.
  public static let builtInImages = "data.source=procedural"

  /// One preset of a recipe, its default one unless named.
  ///
  /// - Throws: ``UsageError`` for an unknown preset.
  public static func subject<R: Recipe>(
    of recipe: R.Type, preset: String?
  ) throws(UsageError) -> Subject {
    let preset = try R.preset(preset)
    return Subject(recipe: R.name, preset: preset.name, runs: preset.arms.count * preset.seeds)
  }

  /// What is left to measure; the first comes next.
  public private(set) var subjects: [Subject]
  private let program: URL
  private let share: Double
  private let facts: MachineFacts

  /// A survey.
  ///
  /// - Parameters:
  ///   - subjects: what to measure.
  ///   - program: `nap`, which is called as `nap doctor --measure RECIPE/PRESET --seconds S`.
  ///   - seconds: for all of them together, without the time to start each.
  ///   - facts: the machine, which decides how many runs fit at once.
  public init(
    _ subjects: [Subject] = PresetSurvey.allSubjects, program: URL, seconds: Double,
    facts: MachineFacts
  ) {
    self.subjects = subjects
    self.program = program
    self.facts = facts
    share = seconds / Double(Swift.max(subjects.count, 1))
  }

  /// Measures the next preset; takes some seconds. `nil` after the last.
  public mutating func next() -> PresetNeeds? {
    guard !subjects.isEmpty else { return nil }
    let subject = subjects.removeFirst()
    return PresetNeeds(
      recipe: subject.recipe, preset: subject.preset, settings: subject.settings,
      runs: subject.runs, facts: facts,
      outcome: Result { () throws(Failure) in try measure(subject) })
  }

  /// Every preset of a recipe.
  public static func subjects<R: Recipe>(of recipe: R.Type) -> [Subject] {
    R.presets.map { preset in
      Subject(recipe: R.name, preset: preset.name, runs: preset.arms.count * preset.seeds)
    }
  }

  private func measure(_ subject: Subject) throws(Failure) -> PresetMeasurement {
    let process = Process()
    process.executableURL = program
    process.arguments = [
      "doctor", "--measure", "\(subject.recipe)/\(subject.preset)", "--seconds", "\(share)",
    ]
    process.arguments? += subject.arm.map { ["--arm", $0] } ?? []
    process.arguments? += subject.settings.flatMap { ["--set", $0] }
    process.standardInput = FileHandle.nullDevice
    let (output, errors) = (LineBuffer(), LineBuffer())
    process.standardOutput = output.pipe
    process.standardError = errors.pipe
    do { try process.run() } catch { throw Failure(reason: "\(program.path) does not start") }
    // Reading a large dataset may take a while; a network that needs minutes an update is out of reach.
    let deadline = Date().addingTimeInterval(120 + 4 * share)
    while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.02) }
    guard !process.isRunning else {
      process.terminate()
      throw Failure(reason: "no two updates in \(Int(120 + 4 * share)) seconds")
    }
    output.drain()
    errors.drain()
    let words = errors.takeLines().last { !$0.isEmpty }
    if process.terminationReason == .uncaughtSignal {
      throw Failure(
        reason: process.terminationStatus == SIGKILL
          ? "the system killed it, most likely because memory ran out"
          : words ?? "it ended by signal \(process.terminationStatus)")
    }
    guard process.terminationStatus == 0, let line = output.takeLines().last,
      let measurement = try? JSONText.decode(PresetMeasurement.self, from: line)
    else {
      let reason = words ?? "it ended with \(process.terminationStatus)"
      throw Failure(reason: reason.hasPrefix("nap: ") ? String(reason.dropFirst(5)) : reason)
    }
    return measurement
  }
}
