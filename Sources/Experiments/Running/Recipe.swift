public import Plasticity
public import RunStore
public import Torch

/// An experiment: configurations, a loop, and what it records.
///
/// A recipe is a namespace of values and functions; `Recipes` lists them for the command, and `Recipes.add` adds one.
/// ``TaskRecipe`` is the shortest way to one.
public protocol Recipe: Sendable {
  /// Everything that decides a run but its seed and device.
  associatedtype Configuration: Codable & Equatable & Sendable
  /// The loop.
  associatedtype Training: TrainingRun

  /// The name on the command line, such as `random-labels`.
  static var name: String { get }
  /// One line for `nap list`.
  static var summary: String { get }
  /// Named configurations, the default one first.
  static var presets: [Preset<Configuration>] { get }
  /// The ways of training that can be compared.
  static var arms: [ArmDescription] { get }
  /// The baseline methods that can be added to an arm; none unless the recipe says otherwise.
  static var methods: [MethodDescription] { get }
  /// What arms are compared by, fixed before any run.
  static var primaryMeasure: PrimaryMeasure { get }
  /// What a sweep chooses by: ``primaryMeasure`` unless that is best where nothing is learned.
  static var tuningMeasure: PrimaryMeasure { get }
  /// Metrics of which reports also draw the distance to the reference arm; none unless given.
  static var gapMetrics: [Metric] { get }
  /// Where a configuration holds the learning rate that is tuned: `optimizer.learningRate` unless given.
  static var learningRateKey: String { get }
  /// Metrics of which reports draw every point, along updates; none unless given.
  static var metricsAlongUpdates: [Metric] { get }
  /// What tasks are called on a report's axis: label resets unless given.
  static var taskAxisTitle: String { get }
  /// What a report calls a task, in the singular: `task` unless given.
  static var taskNoun: String { get }
  /// The tasks of a configuration by name, where they have names; none unless given.
  static func taskRow(_ configuration: Configuration) -> TaskRow?
  /// Whether runs of a configuration use knowledge of when the task changes, whatever their arm; no unless given.
  static func knowsBoundaries(_ configuration: Configuration) -> Bool
  /// The arm that differences are taken to.
  static var referenceArm: String { get }
  /// The arms that differences are taken to where ``referenceArm`` was not run, the first that was; none unless given.
  static var otherReferenceArms: [String] { get }
  /// The arm that differs from an arm in the projection alone: what a difference has to be taken to if it is to be the
  /// projection's. `nil` for arms without a projection, and where there is none unless given.
  static func withoutProjection(_ arm: String) -> String?
  /// What the paper leads one to expect; reports hold the evidence against it.
  static var hypotheses: [Hypothesis] { get }

  /// An arm with rival methods beside it, as one name: equal combinations have equal names.
  ///
  /// - Throws: ``UsageError`` for an unknown arm or method, and from a recipe without methods.
  static func arm(_ arm: String, methods: [String]) throws -> String

  /// What an arm does, one with methods included.
  ///
  /// - Throws: ``UsageError`` for an unknown arm.
  static func description(ofArm arm: String) throws -> ArmDescription

  /// The configuration of one arm.
  ///
  /// - Throws: ``UsageError`` for an unknown arm or a setting out of range.
  static func configuration(_ base: Configuration, arm: String) throws -> Configuration

  /// Checks ranges and combinations.
  ///
  /// - Returns: warnings to show: redundant combinations that are run all the same.
  /// - Throws: ``UsageError`` naming the key.
  static func validate(_ configuration: Configuration) throws -> [String]

  /// The methods that would find nothing to act on in a new run, or cannot act on its network, each with its reason;
  /// none unless the recipe says otherwise. A new run is not trained under their names; stored ones are read all the
  /// same.
  ///
  /// - Throws: ``UsageError`` for methods that exclude one another, and what building the network throws.
  static func idleMethods(_ configuration: Configuration) throws -> [IdleMethod]

  /// What methods' settings make of the network, for the description of arms, such as `crelu with equal parameters`.
  static func methodRemarks(_ configuration: Configuration) -> [String]

  /// A run ready for its first update.
  static func start(_ configuration: Configuration, seed: Int, device: Device) throws -> Training

  /// What a run of a configuration would be measured in, and where files that this tells of lie: what the run's own
  /// `manifest()` and `sources` would say. A run is started for it unless the recipe knows a shorter way.
  ///
  /// - Throws: what keeps data or worlds from being looked at.
  static func manifest(
    of configuration: Configuration
  ) throws -> (manifest: ProtocolManifest?, sources: [String: String])

  /// The same work with task ends that come up soon, so that a minute is enough to tell what a whole
  /// run would take. By default the configuration itself, which tells less of task ends.
  static func rehearsal(_ configuration: Configuration) -> Rehearsal<Configuration>
}

extension Recipe {
  /// ``primaryMeasure``.
  public static var tuningMeasure: PrimaryMeasure { primaryMeasure }
  /// None.
  public static var gapMetrics: [Metric] { [] }
  /// `optimizer.learningRate`.
  public static var learningRateKey: String { "optimizer.learningRate" }
  /// None.
  public static var metricsAlongUpdates: [Metric] { [] }
  /// `label resets`.
  public static var taskAxisTitle: String { "label resets" }
  /// `task`.
  public static var taskNoun: String { "task" }
  /// No.
  public static func knowsBoundaries(_ configuration: Configuration) -> Bool { false }
  /// Of a run that is started and let go.
  public static func manifest(
    of configuration: Configuration
  ) throws -> (manifest: ProtocolManifest?, sources: [String: String]) {
    let run = try started(configuration, seed: 0, device: .cpu)
    return (try run.manifest(), run.sources)
  }
  /// None.
  public static func idleMethods(_ configuration: Configuration) throws -> [IdleMethod] { [] }
  /// Nothing.
  public static func methodRemarks(_ configuration: Configuration) -> [String] { [] }
  /// None.
  public static func taskRow(_ configuration: Configuration) -> TaskRow? { nil }
  /// None.
  public static var otherReferenceArms: [String] { [] }
  /// None.
  public static func withoutProjection(_ arm: String) -> String? { nil }
  /// None.
  public static var methods: [MethodDescription] { [] }

  /// The arm itself; this recipe takes no methods.
  public static func arm(_ arm: String, methods: [String]) throws -> String {
    guard methods.isEmpty else {
      throw UsageError(
        "\(name) takes no methods, so \(methods.joined(separator: ", ")) cannot be added to \(arm)")
    }
    return try description(ofArm: arm).name
  }

  /// One of ``arms``.
  public static func description(ofArm arm: String) throws -> ArmDescription {
    guard let found = arms.first(where: { $0.name == arm }) else {
      throw Nearest.error("\(name) has no arm", arm, among: arms.map(\.name), "its arms are")
    }
    return found
  }
}

/// A named configuration.
public struct Preset<Configuration: Sendable>: Sendable {
  /// The name on the command line.
  public var name: String
  /// One line: what it is for and about how long it takes.
  public var summary: String
  /// The values.
  public var configuration: Configuration
  /// The arms that `nap compare` takes when none are named.
  public var arms: [String]
  /// The number of seeds that `nap compare` takes when none is given.
  public var seeds: Int

  /// A preset; see the properties.
  public init(
    _ name: String, _ summary: String, _ configuration: Configuration, arms: [String], seeds: Int
  ) {
    self.name = name
    self.summary = summary
    self.configuration = configuration
    self.arms = arms
    self.seeds = seeds
  }
}

extension Recipe {
  /// Refuses a new run under the name of a method that would not act.
  ///
  /// - Throws: ``UsageError`` naming each such method with its reason, and for methods that exclude one another.
  public static func requireActingMethods(_ configuration: Configuration) throws {
    let idle = try idleMethods(configuration)
    guard !idle.isEmpty else { return }
    throw UsageError(idle.map(\.description).joined(separator: "; "))
  }
}

/// An arm's name and what it does.
public struct ArmDescription: Hashable, Sendable {
  /// The name on the command line.
  public var name: String
  /// One line.
  public var summary: String
  /// Whether the arm uses knowledge of when the task changes.
  public var knowsBoundaries: Bool
  /// The arm without its methods; itself when it has none.
  public var base: String
  /// Names of the rival methods beside the base, then the arm's own settings as `key=value`.
  public var methods: [String]

  /// A description; see the properties.
  public init(
    name: String, summary: String, knowsBoundaries: Bool, base: String? = nil,
    methods: [String] = []
  ) {
    self.methods = methods
    self.name = name
    self.summary = summary
    self.knowsBoundaries = knowsBoundaries
    self.base = base ?? name
  }
}
