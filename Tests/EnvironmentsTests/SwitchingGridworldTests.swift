import Environments
import TensorTestSupport
import Testing

@Suite("The gridworld's goal moves from task to task, unseen")
struct SwitchingGridworldTests {
  typealias Configuration = SwitchingGridworld.Configuration

  @Test("Seeds repeat, states are saved exactly, damage is refused", arguments: [false, true])
  func laws(permutesActions: Bool) throws {
    let configuration = Configuration(size: 4, permutesActions: permutesActions)
    try EnvironmentLaws.check { try SwitchingGridworld(configuration, task: 3, seed: 9) }
  }

  @Test("Walking to the goal terminates with 1; each step before it costs stepCost")
  func walking() throws {
    var world = try SwitchingGridworld(Configuration(size: 6, stepCost: 0.25), seed: 1)
    for _ in 0..<20 {
      var cell = try seen(world.reset().observation)
      let goal = world.goal(ofTask: 0)
      #expect(cell != goal)
      var rewards: [Double] = []
      let distance = abs(cell / 6 - goal / 6) + abs(cell % 6 - goal % 6)
      var last: Step?
      while last?.end == nil {
        let action =
          cell / 6 > goal / 6 ? 0 : cell / 6 < goal / 6 ? 1 : cell % 6 > goal % 6 ? 2 : 3
        let step = try world.step(action)
        cell = try seen(step.observation)
        rewards.append(step.reward)
        last = step
      }
      #expect(last?.end == .terminated && cell == goal)
      #expect(rewards == Array(repeating: -0.25, count: distance - 1) + [1])
    }
  }

  @Test("Walls hold, and the limit of time truncates")
  func walls() throws {
    let configuration = Configuration(size: 3, stepLimit: 7)
    // A task whose goal does not lie in the first row.
    let probe = try SwitchingGridworld(configuration, seed: 4)
    let task = try #require((0..<20).first { probe.goal(ofTask: $0) >= 3 })
    var world = try SwitchingGridworld(configuration, task: task, seed: 4)
    var cell = try seen(world.reset().observation)
    while cell >= 3 { cell = try seen(world.reset().observation) }
    var ends: [EpisodeEnd?] = []
    for _ in 0..<7 {
      let step = try world.step(0)
      #expect(try seen(step.observation) == cell)
      ends.append(step.end)
    }
    #expect(ends == Array(repeating: nil, count: 6) + [.truncated])
    #expect(throws: EnvironmentError.self) { try world.step(0) }
  }

  @Test("A task is a function of the sequence and its index; its goal is never the one before")
  func tasks() throws {
    let world = try SwitchingGridworld(Configuration(size: 3), seed: 1)
    let goals = (0..<200).map { world.goal(ofTask: $0) }
    #expect(zip(goals, goals.dropFirst()).allSatisfy { $0 != $1 })
    #expect(Set(goals).count == 9)
    let other = try SwitchingGridworld(Configuration(size: 3), task: 7, seed: 2)
    #expect((0..<200).map { other.goal(ofTask: $0) } == goals)
    let another = try SwitchingGridworld(Configuration(size: 3, taskSeed: 1), seed: 1)
    #expect((0..<200).map { another.goal(ofTask: $0) } != goals)
  }

  @Test("A new task begins at the next reset, and shows nothing of itself")
  func switching() throws {
    var world = try SwitchingGridworld(seed: 6)
    var twin = world
    twin.task = 1
    #expect(world.goal(ofTask: 0) != world.goal(ofTask: 1))
    let shown = [try world.reset().observation, try twin.reset().observation]
    for observation in shown {
      guard case .bytes(let plane) = observation else {
        Issue.record("expected marks")
        return
      }
      #expect(plane.filter { $0 == 255 }.count == 1 && plane.filter { $0 == 0 }.count == 24)
    }
    let before = world.goal(ofTask: 0)
    world.task = 5
    var reached = false
    for action in [0, 0, 0, 0, 0, 2, 2, 2, 2, 2] + sweep {
      let step = try world.step(action)
      if step.end != nil {
        reached = try seen(step.observation) == before && step.end == .terminated
        break
      }
    }
    #expect(reached, "the running episode left its task")
  }

  @Test("Actions may mean other moves in another task, every move staying possible")
  func permutations() throws {
    let configuration = Configuration(size: 5, permutesActions: true)
    var meanings: Set<[Int]> = []
    for task in 0..<30 {
      var world = try SwitchingGridworld(configuration, task: task, seed: 3)
      var moves: [Int] = []
      for action in 0..<4 {
        var difference = 0
        // From an inner cell every move is seen.
        while difference == 0 {
          let start = try seen(world.reset().observation)
          guard (1...3).contains(start / 5), (1...3).contains(start % 5) else { continue }
          difference = try seen(world.step(action).observation) - start
        }
        moves.append(difference)
      }
      #expect(moves.sorted() == [-5, -1, 1, 5])
      meanings.insert(moves)
    }
    #expect(meanings.count > 8)
  }

  @Test("What cannot be is refused")
  func refusals() throws {
    for configuration in [
      Configuration(size: 1), Configuration(stepLimit: 0), Configuration(stepCost: -.infinity),
      Configuration(stepCost: -1), Configuration(size: 101),
    ] {
      #expect(throws: EnvironmentError.self) { try SwitchingGridworld(configuration, seed: 0) }
    }
    #expect(throws: EnvironmentError.self) { try SwitchingGridworld(task: -1, seed: 0) }
    var large = try SwitchingGridworld(Configuration(size: 40), seed: 0)
    _ = try large.reset()
    var small = try SwitchingGridworld(Configuration(size: 2), seed: 0)
    let state = try large.savedState()
    #expect(throws: EnvironmentError.self) { try small.restore(state) }
  }

  /// Every cell of a grid of 5 in turn, from a corner.
  private var sweep: [Int] {
    (0..<5).flatMap { row in Array(repeating: row % 2 == 0 ? 3 : 2, count: 4) + [1] }
  }

  private func seen(_ observation: Observation) throws -> Int {
    guard case .bytes(let plane) = observation else { return -1 }
    return try #require(plane.firstIndex(of: 255))
  }
}
