import Foundation

/// Several environments of Gymnasium, in Python processes of their own.
///
/// One process holds many environments, and one message moves them all, so that the price of a message (some
/// microseconds) is shared and Python is started once; with more than one process the environments are dealt out in
/// order and their processes work at the same time. Results do not depend on the number of processes.
///
/// **Observations.** A Box of uint8 is shown as it is, of bool as 0 and 255, of other numbers as float32; images (H, W,
/// C) as (C, H, W) (``GymnasiumConfiguration/imageLayout``), two axes (H, W) as (1, H, W), a single number as (1).
/// Other spaces are shown as Gymnasium flattens them: a choice of n as n numbers, zeros and a one, tuples and
/// dictionaries one part after another. What it cannot flatten into numbers, such as graphs and sequences of any
/// length, is refused.
///
/// **Actions.** A Discrete space, or a Box of floating-point numbers, whose components are taken in order.
///
/// **Seeds.** An environment's first reset is given its seed; later ones go on from there, as is Gymnasium's custom.
///
/// **Saved states** are pickles of the environment, its wrappers and its random numbers. Each is proved when it is
/// taken: a copy of the process plays 96 steps on and resets, and what was restored from the pickle must do the same;
/// where it does not, ``GymnasiumError/notSaved(id:reason:)`` says so. A pickle runs code when it is read: restore only
/// what you saved.
///
/// **Ends.** The processes end with this value, and by themselves when ours is killed. Whatever goes wrong in one is a
/// ``GymnasiumError``; after a dead process every call throws. Not for use from two threads at once.
public final class GymnasiumEnvironments: EnvironmentBatch {
  public let specification: EnvironmentSpecification
  /// What was asked for.
  public let configuration: GymnasiumConfiguration
  public let count: Int

  private let processes: [GymnasiumProcess]
  private var isRunning: [Bool]

  /// Starts the processes; takes about half a second.
  ///
  /// - Parameters:
  ///   - configuration: which environment.
  ///   - seeds: one per environment, at least one.
  ///   - processes: how many, at most one per environment.
  ///   - python: the Python to run; ``defaultPython`` by default.
  /// - Throws: ``GymnasiumError``.
  public init(
    _ configuration: GymnasiumConfiguration, seeds: [UInt32], processes: Int = 1,
    python: String = GymnasiumEnvironments.defaultPython
  ) throws {
    guard !seeds.isEmpty, (1...seeds.count).contains(processes) else {
      throw GymnasiumError.unsupported(
        id: configuration.id,
        reason:
          "expected at least one seed and 1 process to one per environment, found \(seeds.count) seeds and "
          + "\(processes) processes"
      )
    }
    let (share, rest) = seeds.count.quotientAndRemainder(dividingBy: processes)
    var start = 0
    var started: [GymnasiumProcess] = []
    for index in 0..<processes {
      let next = start + share + (index < rest ? 1 : 0)
      started.append(
        try GymnasiumProcess(configuration, seeds: Array(seeds[start..<next]), python: python))
      start = next
    }
    self.processes = started
    self.configuration = configuration
    specification = started[0].specification
    count = seeds.count
    isRunning = Array(repeating: false, count: count)
  }

  /// The form of observations and the version of the environment's package, under its name; Gymnasium's version, which
  /// all share, under `gymnasium`.
  public var protocolFacts: [String: [String: String]] {
    var facts = specification.facts
    for (name, version) in processes[0].versions {
      let group = name == "gymnasium" ? name : specification.name
      facts[group, default: [:]]["version of \(name)"] = version
    }
    return facts
  }

  /// `$NAP_PYTHON`, else `python3` from the search path.
  public static var defaultPython: String {
    let named = ProcessInfo.processInfo.environment["NAP_PYTHON"] ?? ""
    return named.isEmpty ? "python3" : named
  }

  /// The numbers of the Python processes.
  public var processIdentifiers: [Int32] { processes.map(\.child.processIdentifier) }

  /// Moves each environment by its command, all processes at once.
  public func advance(_ commands: [EnvironmentCommand]) throws -> [EnvironmentEvent] {
    precondition(commands.count == count, "advance: \(commands.count) commands for \(count)")
    for (index, command) in commands.enumerated() {
      guard case .act(let action) = command else { continue }
      try specification.checkStep(action, isRunning: isRunning[index])
    }
    var start = 0
    for process in processes {
      try process.advance(commands[start..<(start + process.count)])
      start += process.count
    }
    for process in processes { try process.awaitResults() }
    var events: [EnvironmentEvent] = []
    events.reserveCapacity(count)
    for process in processes {
      for place in 0..<process.count {
        let index = events.count
        if commands[index] == .reset {
          events.append(.started(EpisodeStart(process.observation(place))))
          isRunning[index] = true
        } else {
          let step = process.step(place)
          events.append(.stepped(step))
          isRunning[index] = step.end == nil
        }
      }
    }
    return events
  }

  private static let format = "gymnasium/1"

  /// Each environment's state. Cost: a copied process and 200 steps each.
  ///
  /// - Throws: ``GymnasiumError/notSaved(id:reason:)`` where an environment cannot be saved.
  public func savedStates() throws -> [EnvironmentState] {
    var states: [EnvironmentState] = []
    for process in processes {
      for place in 0..<process.count {
        let flag: UInt8 = isRunning[states.count] ? 1 : 0
        states.append(
          EnvironmentState(format: Self.format, checked: [flag] + (try process.savedState(place))))
      }
    }
    return states
  }

  /// Continues from states of environments of the same id and arguments. All or nothing.
  ///
  /// The states are pickles, which run code when they are read: restore only what you saved.
  public func restore(_ states: [EnvironmentState]) throws {
    let name = specification.name
    guard states.count == count else {
      throw EnvironmentError(
        name, "expected the saved states of \(count) environments, found \(states.count)")
    }
    let contents = try states.map { try $0.checkedBytes(format: Self.format, environment: name) }
    guard contents.allSatisfy({ !$0.isEmpty }) else {
      throw EnvironmentError(name, "a saved state is empty: take an earlier one")
    }
    let before = count > 1 ? try savedStates() : []
    var index = 0
    do {
      for process in processes {
        for place in 0..<process.count {
          try process.restore(place, Array(contents[index].dropFirst()))
          index += 1
        }
      }
    } catch {
      if index > 0 { try restore(before) }
      throw error
    }
    isRunning = contents.map { $0[0] == 1 }
  }
}
