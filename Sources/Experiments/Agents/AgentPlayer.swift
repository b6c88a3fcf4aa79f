public import Environments
public import Foundation
import Networks
import Reinforcement
public import RunStore
import Texts
public import Torch

/// The agent of a checkpoint at play: greedy, as in evaluation, without learning.
public struct AgentPlayer {
  /// The run that the checkpoint belongs to.
  public let identity: Checkpoint.Identity
  private let training: AgentTraining

  /// One moment of an episode.
  public struct Moment {
    /// The image of the environment.
    public var image: RenderedImage
    /// The step that led here, `nil` at the episode's beginning.
    public var step: Step?
  }

  /// The agent of a checkpoint; its replay is not needed.
  ///
  /// - Parameter recorded: the manifest of its run, if known: it shows why an agent does not fit its environment.
  /// - Throws: ``CheckpointError`` for a file that is no agent's checkpoint or does not fit its own settings, and
  ///   ``StoredConfigurationError``.
  public init(
    checkpoint url: URL, recorded: ProtocolManifest? = nil, device: Device = .cpu
  ) throws {
    let checkpoint = try Checkpoint(reading: url)
    identity = checkpoint.identity
    guard let recipe = try Recipes.named(identity.recipe) as? any AgentRecipe.Type else {
      throw CheckpointError(
        path: url.path,
        expected: "an agent's checkpoint (\(Recipes.agentNames.joined(separator: ", ")))",
        found: "one of \(Excerpt.of(identity.recipe))",
        remedy: "read it with nap measure or nap inspect")
    }
    training = try Self.training(recipe, checkpoint, recorded, path: url.path, device)
  }

  private static func training<R: AgentRecipe>(
    _ recipe: R.Type, _ checkpoint: Checkpoint, _ recorded: ProtocolManifest?, path: String,
    _ device: Device
  ) throws -> AgentTraining {
    let configuration = try StoredConfiguration.read(
      R.self, from: checkpoint.identity.configuration, of: path)
    var training = try R.started(configuration, seed: checkpoint.identity.seed, device: device)
    do {
      try withTorchErrors { try training.agent.restore(checkpoint.snapshot) }
    } catch {
      let own = try? training.configuration.environments.examination(
        expecting: training.specification)
      let differences = own?.manifest.flatMap { recorded?.differences(from: $0) } ?? []
      if !differences.isEmpty {
        throw CheckpointError(
          path: path, expected: "an agent of the installed environments",
          found: "one of others (\(differences.joined(separator: "; ")); the first is its own): "
            + Excerpt.of("\(error)", atMost: 300), remedy: "install what its run was begun with")
      }
      throw CheckpointError(
        path: path, expected: "the agent that its settings describe",
        found: Excerpt.of("\(error)", atMost: 600), remedy: "use an earlier checkpoint of the run")
    }
    return training
  }

  /// The facts of the environment at a place.
  ///
  /// - Throws: the error of a missing environment.
  public func manifest(place: Int) throws -> ProtocolManifest {
    let environments = training.configuration.environments
    return ProtocolManifest(
      groups: try environments.environment(visit: place, seed: 0, expecting: training.specification)
        .protocolFacts)
  }

  /// The environments of the run, in the order of its visits.
  public var environments: [EnvironmentName] { training.configuration.environments.names }

  /// The place in ``environments`` at which the run was saved.
  public var place: Int {
    (training.lengths.lastTask(after: identity.updates) ?? 0) % environments.count
  }

  /// The place of an environment that is named by its number, counted from 0, or by a name.
  ///
  /// - Throws: ``UsageError`` with the run's environments.
  public func place(of text: String) throws(UsageError) -> Int {
    if let number = Int(text), environments.indices.contains(number) { return number }
    let wanted = (try? EnvironmentName(text))?.text ?? text
    if let found = environments.firstIndex(where: {
      $0.text == wanted || $0.text.hasSuffix(":\(text)")
    }) {
      return found
    }
    let known = environments.enumerated().map { "\($0.offset) \($0.element.text)" }
    throw UsageError(
      "'\(Excerpt.of(text))' is none of this run's environments: \(known.joined(separator: ", "))")
  }

  /// Frames per second of a video at the environment's own speed: Atari's 60 frames over the action repeat, CartPole's
  /// 50 steps; for others our choice.
  public func frameRate(place: Int) -> Double {
    switch environments[place] {
    case .atari: 60 / Double(training.specification.actionRepeat)
    case .cartPole: 50
    case .gridworld: 5
    case .gymnasium, .added: 15
    }
  }

  /// The score of a return in the environment of a place; `nil` without a scale.
  public func score(_ value: Double, place: Int) -> Double? {
    training.configuration.environments.scale(visit: place)?.score(value)
  }

  /// Plays episodes in a separate environment.
  ///
  /// - Parameters:
  ///   - place: which of ``environments``.
  ///   - episodes: the most to play.
  ///   - limit: the most frames to play; the last episode is cut there.
  ///   - seed: of the environment, the actions and the noise.
  ///   - observe: called with every moment.
  /// - Returns: the episodes; the last one has no end if it was cut.
  /// - Throws: what the environment or `observe` throws.
  public func play(
    place: Int, episodes: Int, frames limit: Frames? = nil, seed: Int,
    observe: (Moment) throws -> Void
  ) throws -> [EpisodeSummary] {
    let root = SeededGenerator(seed: UInt64(bitPattern: Int64(seed))).split("play")
    var environment = try training.configuration.environments.environment(
      visit: place, seed: root.split("world").firstWord, expecting: training.specification)
    let space = training.specification.observations
    var current = EpisodeSummary()
    var played = try training.agent.evaluate(
      in: &environment, episodes: episodes, frames: limit, seed: root.split("agent").firstWord
    ) { environment, observation, step in
      if let step { current.add(step) } else { current = EpisodeSummary() }
      let image = try environment.image ?? RenderedImage(observation, of: space)
      try observe(Moment(image: image, step: step))
    }
    // An evaluation leaves out a later episode that was cut; here it is included.
    if current.end == nil, current.steps.count > 0, played.last?.end != nil {
      played.append(current)
    }
    return played
  }
}
