import Experiments
import Foundation
import RunStore
import TestSupport
import Testing

/// The program under the law of settings: with any number it ends with 0, 2, 3 or 4, in one sentence where it refuses;
/// what goes on and on saves and stops when it is asked; it never ends by a signal, and no run stays "running".
///
/// A part in the tests; in `make nightly` every number of every setting, in every variant, that is not refused before a
/// run starts. `NAP_SETTINGS_ONLY=agent.` takes the settings whose names begin so, `NAP_SETTINGS_VARIANT` some kinds of
/// runs.
@Suite(.serialized, .timeLimit(.minutes(600))) struct SettingProgramTests {
  /// Every kind of run, or those that `$NAP_SETTINGS_VARIANT` is a part of the name of.
  private static let variants = SettingVariant.all.filter { variant in
    ProcessInfo.processInfo.environment["NAP_SETTINGS_VARIANT"].map(variant.name.contains) ?? true
  }

  @Test(arguments: variants)
  func `the program meets any number with an exit code of its own, and leaves nothing running`(
    variant: SettingVariant
  ) throws {
    try variant.check(Recipes.named(variant.recipe))
  }
}

/// A small run of some kind, whose settings are tried.
struct SettingVariant: Sendable, CustomTestStringConvertible {
  var name: String
  var recipe: String
  var preset: String?
  /// `--set` of the small run.
  var settings: [String]
  var withMethods = false
  /// Needs `NAP_PYTHON` to have this package.
  var package: String?

  var testDescription: String { name }

  func check<R: Recipe>(_ recipe: R.Type) throws {
    if let package, !Python.has(package) { return }
    let environment = ProcessInfo.processInfo.environment
    let base = try settings.map { try ConfigurationOverride(parsing: $0) }
      .applied(to: R.preset(preset).configuration)
    let all = try SettingCatalogue.settings(of: R.self, base, withMethods: withMethods)
    let only = environment["NAP_SETTINGS_ONLY"]
    var cases: [(SettingCatalogue.Setting, String)] = []
    for setting in all where only.map({ setting.key.hasPrefix($0) }) ?? true {
      for value in SettingCatalogue.values
      where try isNightly || only != nil ? isTaken(R.self, base, setting, value) : true {
        cases.append((setting, value))
      }
    }
    if !isNightly, only == nil {
      // A few of them, others in each variant.
      let stride = max(1, cases.count / 2)
      let offset = (SettingVariant.all.firstIndex { $0.name == name } ?? 0) * 7 % stride
      cases = cases.indices.filter { $0 % stride == offset }.map { cases[$0] }
    }
    #expect(!cases.isEmpty)
    try withProgram { nap in
      for (index, (setting, value)) in cases.enumerated() {
        try trial(nap, R.self, setting, value)
        if isNightly, index % 50 == 49 { print("\(name): \(index + 1) of \(cases.count) numbers") }
      }
    }
  }

  /// Whether the number comes as far as a run.
  private func isTaken<R: Recipe>(
    _ recipe: R.Type, _ base: R.Configuration, _ setting: SettingCatalogue.Setting, _ value: String
  ) throws -> Bool {
    let overrides = try (setting.before + ["\(setting.key)=\(value)"])
      .map { try ConfigurationOverride(parsing: $0) }
    let arm = try arm(R.self, setting)
    return (try? R.validate(overrides.configuration(of: R.self, from: base, arm: arm))) != nil
  }

  private func arm<R: Recipe>(_ recipe: R.Type, _ setting: SettingCatalogue.Setting) throws
    -> String
  {
    let preset = try R.preset(preset)
    return setting.arm ?? preset.arms.first { $0 == "nap" } ?? preset.arms[0]
  }

  private func trial<R: Recipe>(
    _ nap: Program, _ recipe: R.Type, _ setting: SettingCatalogue.Setting, _ value: String
  ) throws {
    let given = setting.before + ["\(setting.key)=\(value)"]
    // What the variant sets and the case sets as well, the case decides.
    let keys = Set(given.map { $0.prefix { $0 != "=" } })
    let kept = settings.filter { !keys.contains($0.prefix { $0 != "=" }) }
    let arm = try arm(R.self, setting).split(separator: "/").map(String.init)
    var arguments = ["train", R.name, "--threads", "1", "--arm", arm[0]]
    if arm.count > 1 { arguments += ["--method", arm[1]] }
    if let preset { arguments += ["--preset", preset] }
    arguments += (kept + given).flatMap { ["--set", $0] }
    let result = try nap.runInTime(arguments, processorSeconds: isNightly ? 8 : 2)
    let what = "\(name): \(given.joined(separator: " ")): \(result.errors.suffix(600))"
    #expect(result.signal == nil, "ended by signal \(result.signal ?? 0): \(what)")
    #expect(result.isPunctual, "deaf to SIGTERM: \(what)")
    #expect([0, 2, 3, 4, 130].contains(result.code), "exit code \(result.code): \(what)")
    if result.code == 2 || result.code == 3 {
      #expect(Program.message(result.errors).count == 1, "not one sentence: \(what)")
    }
    guard FileManager.default.fileExists(atPath: nap.runs.appending(path: Store.fileName).path)
    else { return }
    let running = try Store.open(at: nap.runs).runs().filter { $0.status == .running }
    #expect(running.isEmpty, "left running: \(what)")
  }
}

extension Program {
  /// How a program ended that had so long to come to an end by itself.
  struct TimedResult {
    var code: Int32
    var signal: Int32?
    /// Whether it ended soon after it was asked to.
    var isPunctual: Bool
    var errors: String
  }

  /// Runs the program in memory of 8 GiB, asks it to stop after some seconds, or after so many of a processor, which
  /// mean the same on a busy machine, and kills it when it does not.
  func runInTime(
    _ arguments: [String], seconds: Double = 120, processorSeconds: Double = .infinity
  ) throws -> TimedResult {
    var limited = self
    limited.launcher = ["/usr/bin/env", "prlimit", "--as=\(8 << 30)", "--core=0"]
    let (process, output, errors) = try limited.start(arguments)
    let readers = [Reader(output), Reader(errors)]
    func ended(within seconds: Double, orProcessorSeconds most: Double = .infinity) -> Bool {
      let deadline = ContinuousClock.now + .seconds(seconds)
      while process.isRunning, ContinuousClock.now < deadline,
        computedSeconds(of: process.processIdentifier) < most
      { usleep(10_000) }
      return !process.isRunning
    }
    var isPunctual = true
    if !ended(within: seconds, orProcessorSeconds: processorSeconds) {
      process.terminate()
      isPunctual = ended(within: 60)
      if !isPunctual { kill(process.processIdentifier, SIGKILL) }
    }
    process.waitUntilExit()
    let isSignal = process.terminationReason == .uncaughtSignal
    return TimedResult(
      code: isSignal ? -1 : process.terminationStatus,
      signal: isSignal ? process.terminationStatus : nil, isPunctual: isPunctual,
      errors: readers.map { $0.finish() }[1])
  }
}

/// Seconds that a process and its threads have computed; 0 for one that is gone.
private func computedSeconds(of process: Int32) -> Double {
  guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
    // The name in parentheses may hold anything; after it come the state and, as fields 14 and 15, the times.
    let name = text.lastIndex(of: ")")
  else { return 0 }
  let fields = text[name...].split(separator: " ")
  guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else {
    return 0
  }
  return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
}
