import ArgumentParser
import Environments
import Experiments
import Foundation
import Reinforcement
import RunStore

/// The folder of runs.
struct RunsOption: ParsableArguments {
  @Option(
    name: .customLong("runs"),
    help: ArgumentHelp("The folder of runs ($NAP_RUNS, else ./runs).", valueName: "folder"))
  var folder: String?

  var url: URL {
    folder.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? Store.defaultFolder()
  }

  /// Opens the store and shows warnings about its place.
  func open() throws -> Store {
    let store = try Store.open(at: url, busyTimeout: Self.timeout())
    for remark in store.remarks { Console.error("warning: \(remark)") }
    return store
  }
  func openForReading() throws -> Store {
    try Store.open(at: url, for: .readOnly, busyTimeout: Self.timeout())
  }

  /// The checkpoints of a run, named by its identifier or name, in order; or the one at a path.
  ///
  /// - Throws: ``CheckpointError`` for a run that has none.
  func checkpoints(of subject: String) throws -> (files: [URL], run: Run?) {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: subject, isDirectory: &isFolder)
    if subject.hasSuffix(".safetensors") || (exists && !isFolder.boolValue) {
      return ([URL(fileURLWithPath: subject)], nil)
    }
    let store = try openForReading()
    let run = try store.findRun(subject)
    let found = Checkpoint.all(in: store.folder(of: run.id))
    guard !found.isEmpty else {
      throw CheckpointError(
        path: store.folder(of: run.id).path, expected: "a checkpoint of run \(run.id)",
        found: "none",
        remedy: "continue it with \(store.command("train --resume \(run.id)")), which saves one")
    }
    return (found, run)
  }

  /// The last of ``checkpoints(of:)``.
  func lastCheckpoint(of subject: String) throws -> (file: URL, run: Run?) {
    let (files, run) = try checkpoints(of: subject)
    return (files[files.count - 1], run)
  }

  /// Seconds to wait for another process that holds the store: `$NAP_STORE_TIMEOUT`, else 30.
  static func timeout(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> Double {
    guard let text = environment["NAP_STORE_TIMEOUT"], !text.isEmpty else { return 30 }
    guard let seconds = Double(text), (0...86_400).contains(seconds) else {
      throw UsageError("NAP_STORE_TIMEOUT=\(text): expected seconds from 0 to 86400")
    }
    return seconds
  }
}

/// Whether one table may hold runs with different protocols.
struct MixingOption: ParsableArguments {
  @Flag(
    name: .customLong("mix-protocols"),
    help: "Shows runs together even if their game images, rules or versions differ.")
  var isAllowed = false
}

/// Whether untrusted environment states, which may run code, are read.
struct TrustOption: ParsableArguments {
  @Flag(
    name: .customLong("trust-environment-state"),
    help: """
      Continues from a checkpoint whose environment state was not written by a run of this store. A Gymnasium \
      state is a pickle: reading it runs the code that it holds.
      """)
  var isGiven = false

  /// The flag for a process that trains a run of a plan.
  var arguments: [String] { isGiven ? ["--trust-environment-state"] : [] }
}

/// The configuration.
struct ConfigurationOptions: ParsableArguments {
  @Option(help: "A named configuration; nap list shows them. The first is the default.")
  var preset: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      """
      Changes one setting, such as tasks=100 or optimizer.learningRate=1e-3; network=cnn sets all \
      defaults of that network. A key that the chosen kind does not use is an error. May be repeated, \
      in any order.
      """,
      valueName: "key=value"))
  var overrides: [String] = []

  @Option(
    name: .customLong("env"),
    help: ArgumentHelp(
      """
      An agent's environments, separated by commas, each cartpole, gridworld, atari:GAME, \
      gymnasium:NAME or one that this program adds: short for --set environments.names=…. The preset's visits stay.
      """, valueName: "names"))
  var environments: String?

  func parsed<R: Recipe>(for recipe: R.Type) throws -> [ConfigurationOverride] {
    var parsed: [ConfigurationOverride] = []
    if let environments {
      guard R.self is any AgentRecipe.Type else {
        throw UsageError(
          "--env \(environments): \(R.name) has no environments; "
            + "recipes with environments are \(Recipes.agentNames.joined(separator: ", "))")
      }
      for name in environments.split(separator: ",", omittingEmptySubsequences: false) {
        do {
          _ = try EnvironmentName(String(name))
        } catch {
          throw UsageError("--env \(environments): \(error)")
        }
      }
      parsed.append(ConfigurationOverride(key: "environments.names", value: environments))
    }
    for text in overrides {
      let override = try ConfigurationOverride(parsing: text)
      if let earlier = parsed.first(where: { $0.key == override.key }) {
        let isByEnv = override.key == "environments.names" && environments != nil
        throw UsageError(
          "--set \(override.key) is given twice\(isByEnv ? " (--env counts)" : ""), "
            + "as \(earlier.value) and as \(override.value); give it once")
      }
      parsed.append(override)
    }
    return parsed
  }

  /// Settings of methods, which apply to the arms that have the method, and the other settings, which apply to all
  /// arms.
  func parsedForArms<R: Recipe>(
    _ recipe: R.Type
  ) throws -> (common: [ConfigurationOverride], methods: MethodSettings) {
    let all = try parsed(for: R.self)
    return (
      all.filter { !MethodSettings.isOne($0) }, MethodSettings(all.filter(MethodSettings.isOne))
    )
  }
}

/// The arms, and their baseline methods.
struct ArmOptions: ParsableArguments {
  @Option(
    help: """
      Arms, separated by commas (default: the preset's). An arm may have its own settings in brackets, which are \
      part of its name: 'nap,nap[nap.scaleAndOffset=free]'.
      """)
  var arms: String?

  @Option(
    help: ArgumentHelp(
      """
      Trains every arm with each of these combinations of methods, such as none,l2,redo,l2+redo; all means none \
      and every single method.
      """,
      valueName: "combinations"))
  var methods: String?

  /// Names of the arms: each arm with every combination of methods.
  func names<R: Recipe>(_ recipe: R.Type, default preset: [String]) throws -> [String] {
    let arms = arms.map(ArmName.list) ?? preset
    guard let methods else { return try arms.map { try R.name(ofArm: $0) } }
    let combinations: [[String]] =
      methods == "all"
      ? [[]] + R.methods.map { [$0.name] }
      : try methods.split(separator: ",").map {
        try MethodNames.parse(String($0), separator: "+")
      }
    return try arms.flatMap { arm in
      try combinations.map { try R.name(ofArm: arm, methods: $0) }
    }
  }
}
