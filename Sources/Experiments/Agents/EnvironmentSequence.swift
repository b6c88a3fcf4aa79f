import Arcade
public import Environments
import RunStore
import Torch

/// The environments of a run, one after another, and how often the whole sequence is visited.
public struct EnvironmentSequence: Codable, Hashable, Sendable {
  /// The environments in order. The same one may occur several times; `gridworld` has another goal at each place.
  public var names: [EnvironmentName]
  /// How often the sequence is visited.
  public var visits: Int
  /// Frames of one visit to one environment, rounded down to whole steps of the agent.
  public var framesPerVisit: Frames
  /// `gridworld`: settings that all its tasks share.
  public var gridworld = SwitchingGridworld.Configuration()
  /// `atari:GAME`: how games are played and shown.
  public var atari = AtariProtocol.dqnZoo
  /// `gymnasium:NAME`: settings of its environments; the id is that of the name.
  public var gymnasium = GymnasiumConfiguration(id: "")
  /// The scales of returns, in the order of ``names``. If empty, known scales are used; without a known scale only
  /// returns are recorded.
  public var scales: [ScoreScale] = []

  /// A sequence; see the properties.
  public init(_ names: [EnvironmentName], visits: Int = 1, framesPerVisit: Frames) {
    self.names = names
    self.visits = visits
    self.framesPerVisit = framesPerVisit
  }

  /// The number of visits to single environments.
  public var visitCount: Int { names.count.saturatingProduct(visits) }

  /// Frames of one step of the agent.
  public var actionRepeat: Int {
    let hasGames = names.contains { if case .atari = $0 { true } else { false } }
    return max(1, hasGames ? atari.actionRepeat : gymnasium.framesPerStep)
  }

  /// Checks ranges, including those of kinds of environments that the sequence does not have.
  ///
  /// - Throws: ``UsageError`` naming the key.
  func validate() throws {
    func require(
      _ condition: Bool, _ key: String, _ expected: String, _ found: some CustomStringConvertible
    ) throws {
      if !condition {
        throw UsageError("environments.\(key): expected \(expected), found \(found)")
      }
    }
    try require(!names.isEmpty, "names", "at least one environment", names.count)
    try require((1...1_000_000).contains(visits), "visits", "1 to 1,000,000", visits)
    try require(
      (1...1_000_000_000_000).contains(framesPerVisit.count), "framesPerVisit", "1 to 10^12",
      framesPerVisit.count)
    let frames = Double(visitCount) * Double(framesPerVisit.count)
    try require(
      frames <= 1e15, "visits", "at most 10^15 frames in all",
      "\(visitCount) visits of \(framesPerVisit.count)")
    guard scales.isEmpty || scales.count == names.count else {
      throw UsageError(
        "environments.scales: expected none or \(names.count), one per environment, found \(scales.count)"
      )
    }
    for scale in scales {
      try require(
        scale.reference != scale.random && abs(scale.reference) <= 1e12
          && abs(scale.random) <= 1e12,
        "scales", "a random and a different reference return, each of at most 1e12",
        "\(scale.random) and \(scale.reference)")
    }
    do {
      try gymnasium.validate()
      try atari.validate()
      try gridworld.validate()
    } catch let error as EnvironmentError {
      switch error.environment {
      case "Gymnasium": throw UsageError("environments.gymnasium.\(error.reason)")
      case "Gridworld": throw UsageError("environments.gridworld: \(error.reason)")
      default: throw UsageError("environments.atari: \(error.reason)")
      }
    }
  }

  /// The name of a visit's environment.
  func name(visit: Int) -> EnvironmentName { names[visit % names.count] }

  /// The environment of a visit, before its first episode.
  ///
  /// - Throws: the error of a missing environment.
  func environment(visit: Int, seed: UInt64) throws -> any Environment {
    let place = visit % names.count
    var options = EnvironmentOptions()
    options.task = place
    (options.gridworld, options.atari, options.gymnasium) = (gridworld, atari, gymnasium)
    return try names[place].environment(seed: seed, options: options)
  }

  /// The same, which must have the form of the first environment: one network serves all.
  ///
  /// - Throws: ``UsageError`` for other observations or actions.
  func environment(
    visit: Int, seed: UInt64, expecting first: EnvironmentSpecification
  ) throws -> any Environment {
    let environment = try environment(visit: visit, seed: seed)
    let found = environment.specification
    guard found.observations == first.observations, found.actions == first.actions,
      found.actionRepeat == first.actionRepeat
    else {
      func form(_ specification: EnvironmentSpecification) -> String {
        let space = specification.observations
        return
          "\(space.stackedShape) of \(space.element.rawValue) and \(specification.actions) actions"
      }
      throw UsageError(
        "environments.names: \(found.name) has observations \(form(found)), \(first.name) has \(form(first)); "
          + "one network serves only environments of one form")
    }
    return environment
  }

  /// The manifest and remarks of all environments of the sequence. Each is made once and takes a step. So an
  /// environment that is missing, has another form, or cannot be saved is found before the first visit and not days
  /// later.
  ///
  /// - Parameter first: the form of the first visit's environment.
  /// - Throws: the error of a missing environment, and ``UsageError`` for one of another form.
  func examination(expecting first: EnvironmentSpecification) throws -> RunExamination {
    var manifest = ProtocolManifest()
    var remarks: [String] = []
    var seen: Set<EnvironmentName> = []
    for (visit, name) in names.enumerated() where seen.insert(name).inserted {
      var environment = try environment(visit: visit, seed: 0, expecting: first)
      manifest.add(environment.protocolFacts)
      guard let obstacle = try environment.obstacleToSaving() else { continue }
      remarks.append(
        "\(name.text) cannot be saved in the middle of an episode (\(obstacle)): checkpoints have weights, "
          + "optimizer and replay, and a stopped run continues at the next episode, not to the same "
          + "bytes")
    }
    return RunExamination(manifest: manifest, remarks: remarks)
  }

  /// The scale of a visit's returns; `nil` if there is none.
  func scale(visit: Int) -> ScoreScale? {
    let place = visit % names.count
    if scales.indices.contains(place) { return scales[place] }
    return switch names[place] {
    case .cartPole: ScoreScale(random: 22, reference: 500)
    case .gridworld: ScoreScale(random: 0, reference: 1)
    case .atari(let game):
      game.scores.map { ScoreScale(random: $0.random, reference: $0.human) }
    case .gymnasium(let id): ScoreScale.minAtar[id]
    case .added(let name):
      AddedEnvironment.all.first { $0.name == name }?.returns
        .map { ScoreScale(random: $0.random, reference: $0.reference) }
    }
  }
}
