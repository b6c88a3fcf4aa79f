import Torch

/// A grid whose goal moves from task to task, so that a sequence of tasks trains in seconds.
///
/// Each episode begins on a random cell other than the goal; four actions move up (0), down (1), left (2) and right
/// (3), and a move against the wall stays. Reaching the goal is worth 1 and terminates; every other step is worth
/// `-stepCost`; after `stepLimit` steps the episode is truncated. Only the agent's own cell is seen, as a one-hot
/// plane: which task it is, and where its goal lies, must be learnt from rewards.
///
/// Task k depends only on the sequence's seed and on k: its goal is drawn among all cells but the goal of the task
/// before, and `permutesActions` also draws which action makes which move. So a task can be visited again, and compared
/// arms have the same tasks. The environment is our choice; the paper has none like it.
public struct SwitchingGridworld: Environment, Sendable {
  /// What stays the same over the tasks.
  public struct Configuration: Codable, Hashable, Sendable {
    /// Cells on each side, at least 2.
    public var size: Int
    /// Steps after which an episode is truncated, at least 1.
    public var stepLimit: Int
    /// What a step that does not reach the goal costs.
    public var stepCost: Double
    /// Whether actions mean other moves in each task.
    public var permutesActions: Bool
    /// What the goals and meanings of actions are drawn from.
    public var taskSeed: UInt64

    /// A configuration. The defaults are our choice.
    public init(
      size: Int = 5, stepLimit: Int = 50, stepCost: Double = 0.01, permutesActions: Bool = false,
      taskSeed: UInt64 = 0
    ) {
      self.size = size
      self.stepLimit = stepLimit
      self.stepCost = stepCost
      self.permutesActions = permutesActions
      self.taskSeed = taskSeed
    }
  }

  /// A plane of `size` x `size` cells, 255 where the agent is, and four actions.
  public let specification: EnvironmentSpecification
  /// What stays the same over the tasks.
  public let configuration: Configuration

  /// The task of the next episode, from 0. The running episode stays in its own.
  public var task: Int

  private var running: Task
  private var cell = 0
  private var elapsed = 0
  private var isRunning = false
  private var generator: SeededGenerator

  /// An environment before its first episode.
  ///
  /// - Throws: ``EnvironmentError`` for a grid of fewer than 2 cells per side or more than 100, an empty time limit, a
  ///   cost that is not a finite number of at least 0, or a task below 0.
  public init(_ configuration: Configuration = Configuration(), task: Int = 0, seed: UInt64) throws
  {
    let size = configuration.size
    specification = EnvironmentSpecification(
      name: "Gridworld",
      observations: ObservationSpace(shape: [1, size, size], element: .uint8), actionCount: 4)
    try configuration.validate()
    guard task >= 0 else {
      throw EnvironmentError("Gridworld", "expected a task of at least 0, found \(task)")
    }
    self.configuration = configuration
    self.task = task
    running = Task(task, configuration)
    generator = SeededGenerator(seed: seed).split("gridworld")
  }

  /// The cell of a task's goal: row times size plus column.
  public func goal(ofTask task: Int) -> Int { Task(task, configuration).goal }

  /// Begins an episode of ``task``.
  public mutating func reset() throws -> EpisodeStart {
    guard task >= 0 else {
      throw EnvironmentError(specification.name, "expected a task of at least 0, found \(task)")
    }
    if task != running.index { running = Task(task, configuration) }
    cell = generator.index(below: configuration.size * configuration.size - 1)
    if cell >= running.goal { cell += 1 }
    elapsed = 0
    isRunning = true
    return EpisodeStart(observation)
  }

  /// Moves by one cell.
  public mutating func step(_ action: Action) throws -> Step {
    let move = try specification.checkedIndex(action, isRunning: isRunning)
    let size = configuration.size
    let (row, column) = (cell / size, cell % size)
    switch running.moves[move] {
    case .up: if row > 0 { cell -= size }
    case .down: if row < size - 1 { cell += size }
    case .left: if column > 0 { cell -= 1 }
    case .right: if column < size - 1 { cell += 1 }
    }
    elapsed += 1
    let isThere = cell == running.goal
    let end: EpisodeEnd? =
      isThere ? .terminated : elapsed >= configuration.stepLimit ? .truncated : nil
    isRunning = end == nil
    return Step(
      observation: observation, reward: isThere ? 1 : -configuration.stepCost, end: end)
  }

  private var observation: Observation {
    var plane = [UInt8](repeating: 0, count: specification.observations.count)
    plane[cell] = 255
    return .bytes(plane)
  }

  /// The grid with the goal and the agent, which does not see the goal.
  public var image: RenderedImage? {
    let (size, side) = (configuration.size, 16)
    var image = RenderedImage(width: size * side + 1, height: size * side + 1, RenderedImage.ink)
    for place in 0..<(size * size) {
      let (x, y) = (place % size * side, place / size * side)
      let color =
        place == cell
        ? RenderedImage.planeColors[0]
        : place == running.goal ? RenderedImage.planeColors[2] : RenderedImage.paper
      image.fill(x: (x + 1)..<(x + side), y: (y + 1)..<(y + side), color)
    }
    return image
  }

  private static let format = "gridworld/1"

  /// The tasks of this episode and the next, the agent's cell, the steps of the episode and the generator.
  public func savedState() throws -> EnvironmentState {
    let words = [running.index, task, cell, elapsed, isRunning ? 1 : 0].map { UInt64($0) }
    return EnvironmentState(format: Self.format, words: words + (try generator.savedWords()))
  }

  /// Continues from a state of an environment of the same configuration.
  public mutating func restore(_ state: EnvironmentState) throws {
    let words = try state.words(9, format: Self.format, environment: specification.name)
    let numbers = words[..<5].map { Int(truncatingIfNeeded: $0) }
    guard numbers.allSatisfy({ $0 >= 0 }), numbers[2] < specification.observations.count else {
      throw EnvironmentError(
        specification.name,
        "the saved state has the agent in cell \(numbers[2]) of a grid of \(specification.observations.count): "
          + "it is of another configuration"
      )
    }
    generator = try SeededGenerator(savedWords: words[5...])
    running = Task(numbers[0], configuration)
    task = numbers[1]
    cell = numbers[2]
    elapsed = numbers[3]
    isRunning = numbers[4] == 1
  }
}

extension SwitchingGridworld.Configuration {
  /// Checks every field.
  ///
  /// - Throws: ``EnvironmentError`` naming the first that cannot be used.
  public func validate() throws(EnvironmentError) {
    func demand(_ condition: Bool, _ reason: String) throws(EnvironmentError) {
      guard condition else { throw EnvironmentError("Gridworld", reason) }
    }
    let most = 1_000_000_000_000
    try demand((2...100).contains(size), "expected a size from 2 to 100, found \(size)")
    try demand(
      (1...most).contains(stepLimit), "expected a stepLimit from 1 to \(most), found \(stepLimit)")
    try demand(
      (0...1e12).contains(stepCost), "expected a stepCost from 0 to 1e12, found \(stepCost)")
  }
}

extension SwitchingGridworld {
  enum Move: CaseIterable { case up, down, left, right }

  /// What holds in one task.
  struct Task: Sendable {
    let index: Int
    let goal: Int
    let moves: [Move]

    init(_ index: Int, _ configuration: Configuration) {
      self.index = index
      let cells = configuration.size * configuration.size
      let seeds = SeededGenerator(seed: configuration.taskSeed)
      // Each goal is the last one's plus a shift of 1 ..< cells, summed from the start: never the same cell twice
      // running.
      goal = (0...index).reduce(0) { sum, task in
        var draws = seeds.split("goal \(task)")
        return (sum + (task == 0 ? draws.index(below: cells) : 1 + draws.index(below: cells - 1)))
          % cells
      }
      var deal = seeds.split("actions \(index)")
      moves =
        configuration.permutesActions
        ? deal.permutation(of: 4).map { Move.allCases[$0] } : Move.allCases
    }
  }
}
