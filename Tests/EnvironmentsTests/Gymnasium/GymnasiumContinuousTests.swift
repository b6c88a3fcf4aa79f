import Environments
import Foundation
import TensorTestSupport
import TestSupport
import Testing

@Suite("Environments of Gymnasium with vectors as actions", .enabled(if: Gymnasium.isInstalled))
struct GymnasiumContinuousTests {
  private let pendulum = GymnasiumConfiguration(id: "Pendulum-v1")

  @Test("They obey the laws: bounds, equal seeds, exact saved states")
  func laws() throws {
    try EnvironmentLaws.check(steps: 450) { try Gymnasium.world(pendulum, seed: 3) }
  }

  @Test("The pendulum swings as in Python, action by action")
  func goldens() throws {
    let script = """
      import gymnasium, json, numpy
      world = gymnasium.make("Pendulum-v1", disable_env_checker=True)
      events = [[float(v) for v in world.reset(seed=5)[0]]]
      for step in range(200):
          seen, reward, terminated, truncated, _ = world.step(numpy.array([(step % 9 - 4) / 2], numpy.float32))
          events.append([float(v) for v in seen] + [float(reward), float(truncated)])
      print(json.dumps(events))
      """
    let line = try #require(try Python.run(script).split(separator: "\n").last)
    let golden = try JSONDecoder().decode([[Double]].self, from: Data(line.utf8))
    var world = try Gymnasium.world(pendulum, seed: 5)
    #expect(world.specification.actions == .continuous(low: [-2], high: [2]))
    func numbers(_ observation: Observation) -> [Double] {
      guard case .floats(let values) = observation else { return [] }
      return values.map(Double.init)
    }
    var found = [numbers(try world.reset().observation)]
    for index in 0..<200 {
      let step = try world.step(.continuous([Float(index % 9 - 4) / 2]))
      found.append(numbers(step.observation) + [step.reward, step.end == .truncated ? 1 : 0])
    }
    #expect(found == golden)
  }

  @Test("Each environment of a batch gets its own vector, in its space's form and type")
  func vectors() throws {
    try withTemporaryFolder { folder in
      let configuration = try Gymnasium.custom(
        """
        action_space = spaces.Box(-numpy.inf, 8.5, (2, 2), numpy.float64)
        observation_space = spaces.Box(-1e9, 1e9, (4,), numpy.float64)
        def seen(self):
            return numpy.zeros(4)
        def step(self, action):
            assert action.shape == (2, 2) and action.dtype == numpy.float64
            return action.ravel() + 1, 0.0, False, False, {}
        """, in: folder)
      let module = configuration.id.prefix { $0 != ":" }
      let batch = try GymnasiumEnvironments(
        configuration, seeds: [1, 2, 3], processes: 2,
        python: folder.appending(path: "python-\(module)").path)
      let most = Float.greatestFiniteMagnitude
      let space = ActionSpace.continuous(
        low: [-most, -most, -most, -most], high: [8.5, 8.5, 8.5, 8.5])
      #expect(batch.specification.actions == space)
      #expect(space.clipped([-1e30, 9, 0, 8.5]) == .continuous([-1e30, 8.5, 0, 8.5]))
      _ = try batch.advance([.reset, .reset, .reset])
      let events = try batch.advance(
        (0..<3).map { .act(.continuous([0.5, -7, Float($0), 8])) })
      #expect(
        events
          == (0..<3).map {
            .stepped(Step(observation: .floats([1.5, -6, Float($0) + 1, 9]), reward: 0))
          })
      #expect(throws: EnvironmentError.self) {
        try batch.advance([.reset, .act(.continuous([0, 0, 0, 9])), .reset])
      }
    }
  }

  @Test("Other spaces of actions are refused")
  func refusal() throws {
    try withTemporaryFolder { folder in
      let configuration = try Gymnasium.custom(
        "action_space = spaces.MultiDiscrete([2, 3])", in: folder)
      let error = try #require(throws: GymnasiumError.self) {
        try Gymnasium.world(custom: configuration, in: folder)
      }
      #expect(
        error.description.contains(
          "expected a Discrete action space or a Box of numbers, found MultiDiscrete"), "\(error)")
    }
  }

  @Test("Discrete actions are written as a plain number, and every specification is read back")
  func coding() throws {
    let old = """
      {"actionCount":6,"actionRepeat":4,"name":"ALE/Pong",
      "observations":{"element":"uint8","shape":[1,84,84],"stack":4}}
      """
    let pong = try JSONDecoder().decode(EnvironmentSpecification.self, from: Data(old.utf8))
    #expect(pong.actions == .discrete(count: 6))
    let swing = EnvironmentSpecification(
      name: "swing", observations: pong.observations, actions: .continuous(low: [-2], high: [2]))
    for specification in [pong, swing] {
      let text = try JSONEncoder().encode(specification)
      #expect(
        try JSONDecoder().decode(EnvironmentSpecification.self, from: text) == specification)
    }
    #expect(throws: EnvironmentError.self) { try swing.discreteActionCount() }
  }
}
