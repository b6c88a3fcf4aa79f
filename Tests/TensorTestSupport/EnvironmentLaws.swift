public import Environments
import Testing
import Torch

/// Laws that hold for every ``/Environments/Environment``.
public enum EnvironmentLaws {
  /// Plays `steps` random actions with a save half way, and demands the declared form of every observation,
  /// equal futures of equal seeds, and the very same future after a restore.
  ///
  /// - Parameter make: an environment before its first reset, the same at every call.
  public static func check<World: Environment>(
    steps: Int = 400, seed: UInt64 = 7, _ make: () throws -> World
  ) throws {
    var first = try make()
    let space = first.specification.observations
    var actions = SeededGenerator(seed: seed)
    let half = steps / 2
    let before = try play(&first, steps: half, &actions)
    let saved = try first.savedState()
    let actionsAtHalf = actions
    let after = try play(&first, steps: steps - half, &actions, begins: false)
    for event in before + after {
      #expect(event.observation.count == space.count)
      if case .bytes = event.observation {
        #expect(space.element == .uint8)
      } else {
        #expect(space.element == .float32)
      }
    }

    var twin = try make()
    var again = SeededGenerator(seed: seed)
    #expect(try play(&twin, steps: half, &again) == before, "equal seeds gave different steps")

    var restored = try make()
    _ = try restored.reset()
    try restored.restore(saved)
    var onward = actionsAtHalf
    #expect(
      try play(&restored, steps: steps - half, &onward, begins: false) == after,
      "a restored environment went another way")

    // A damaged state is refused and changes nothing.
    var broken = saved
    broken.format = "nothing/0"
    #expect(throws: (any Error).self) { try restored.restore(broken) }
    var shortened = saved
    shortened.bytes.removeLast(min(3, shortened.bytes.count))
    #expect(throws: (any Error).self) { try restored.restore(shortened) }
    for place in [0, saved.bytes.count / 3, saved.bytes.count / 2, saved.bytes.count - 1] {
      var altered = saved
      altered.bytes[place] ^= 0x10
      #expect(throws: (any Error).self, "byte \(place)") { try restored.restore(altered) }
    }
    try restored.restore(saved)
    #expect(throws: (any Error).self) { try restored.restore(broken) }
    var onwardAgain = actionsAtHalf
    #expect(
      try play(&restored, steps: steps - half, &onwardAgain, begins: false) == after,
      "a refused state left the environment changed")

    // A save does not disturb, and what is saved right after a restore is as good.
    var interrupted = try make()
    try interrupted.restore(saved)
    try interrupted.restore(interrupted.savedState())
    _ = try interrupted.savedState()
    var onceMore = actionsAtHalf
    #expect(
      try play(&interrupted, steps: steps - half, &onceMore, begins: false) == after,
      "a state saved again went another way")

    #expect(throws: (any Error).self) {
      var world = try make()
      _ = try world.step(world.specification.actions.simplest)
    }
    let wrong: [Action] =
      switch first.specification.actions {
      case .discrete(let count): [.discrete(-1), .discrete(count), .continuous([0])]
      case .continuous(let low, let high):
        [
          .discrete(0), .continuous(low + [0]), .continuous(high.map { $0 + max(1, abs($0)) }),
          .continuous(low.map { _ in .nan }),
        ]
      }
    for wrong in wrong {
      var world = try make()
      _ = try world.reset()
      #expect(throws: (any Error).self) { _ = try world.step(wrong) }
      _ = try world.step(world.specification.actions.simplest)
    }
  }

  struct Seen: Equatable {
    var observation: Observation
    var step: Step?
  }

  private static func play<World: Environment>(
    _ world: inout World, steps: Int, _ actions: inout SeededGenerator, begins: Bool = true
  ) throws -> [Seen] {
    var seen: [Seen] = []
    if begins { seen.append(Seen(observation: try world.reset().observation)) }
    for _ in 0..<steps {
      let step = try world.step(world.specification.actions.drawn(&actions))
      seen.append(Seen(observation: step.observation, step: step))
      if step.end != nil {
        seen.append(Seen(observation: try world.reset().observation))
      }
    }
    return seen
  }
}
