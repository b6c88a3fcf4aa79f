public import Plasticity
public import RunStore
public import Torch

/// An experiment: configurations, a loop, and what it records.
///
/// A recipe is a namespace of values and functions; `Recipes` lists them for the command, and `Recipes.add` adds one.
/// ``TaskRecipe`` is the shortest way to one.
public protocol Recipe: Sendable {
  /// Everything that decides a run except its seed and device.
  associatedtype Configuration: Codable & Equatable & Sendable
  /// The loop.
  associatedtype Training: TrainingRun

  /// The name on the command line, such as `random-labels`.
  static var name: String { get }
  /// One line for `nap list`.
  static var summary: String { get }
  /// Named configurations, the default one first.
  static var presets: [Preset<Configuration>] { get }
  /// The arms.
  static var arms: [ArmDescription] { get }
  /// The baseline methods that can be added to an arm; none by default.
  static var methods: [MethodDescription] { get }
  /// The measure that arms are compared by, fixed before any run.
  static var primaryMeasure: PrimaryMeasure { get }
  /// The measure that a sweep chooses by: ``primaryMeasure`` by default. Another one if that is best where nothing is
  /// learned.
  static var tuningMeasure: PrimaryMeasure { get }
  /// Metrics of which reports also draw the difference to the reference arm; none by default.
  static var gapMetrics: [Metric] { get }
  /// The key of the learning rate that is tuned: `optimizer.learningRate` by default.
  static var learningRateKey: String { get }
  /// Metrics of which reports draw every point over updates; none by default.
  static var metricsAlongUpdates: [Metric] { get }
  /// The name of tasks on a report's axis: tasks by default.
  static var taskAxisTitle: String { get }
  /// The name of one task in a report: `task` by default.
  static var taskNoun: String { get }
  /// The tasks of a configuration by name, if they have names; none by default.
  static func taskRow(_ configuration: Configuration) -> TaskRow?
  /// Whether runs of a configuration know task boundaries, whatever their arm; false by default.
  static func knowsBoundaries(_ configuration: Configuration) -> Bool
  /// The arm that other arms are compared with.
  static var referenceArm: String { get }
  /// Reference arms if ``referenceArm`` was not run: the first one that was. None by default.
  static var otherReferenceArms: [String] { get }
  /// The arm that differs only in the projection, to measure the effect of the projection alone. `nil` for arms without
  /// projection, and by default.
  static func withoutProjection(_ arm: String) -> String?
  /// Expectations from the paper, which reports test.
  static var hypotheses: [Hypothesis] { get }

  /// The name of an arm with baseline methods. Equal combinations have equal names.
  ///
  /// - Throws: ``UsageError`` for an unknown arm or method, and from a recipe without methods.
  static func arm(_ arm: String, methods: [String]) throws -> String

  /// The description of an arm, with its methods.
  ///
  /// - Throws: ``UsageError`` for an unknown arm.
  static func description(ofArm arm: String) throws -> ArmDescription

  /// The configuration of one arm.
  ///
  /// - Throws: ``UsageError`` for an unknown arm or a setting out of range.
  static func configuration(_ base: Configuration, arm: String) throws -> Configuration

  /// Bytes of memory that a run of a configuration takes at most, by its sizes; `nil`, the default, where they are not
  /// counted.
  static func memoryForecast(_ configuration: Configuration) -> Double?

  /// Checks ranges and combinations.
  ///
  /// - Returns: warnings about redundant combinations, which are trained nevertheless.
  /// - Throws: ``UsageError`` naming the key.
  static func validate(_ configuration: Configuration) throws -> [String]

  /// Methods that would find nothing to act on in a new run, or cannot act on its network, each with its reason; none
  /// by default. New runs with such methods are refused; stored ones can still be read.
  ///
  /// - Throws: ``UsageError`` for methods that exclude one another, and what building the network throws.
  static func idleMethods(_ configuration: Configuration) throws -> [IdleMethod]

  /// How settings of methods change the network, for descriptions of arms, such as `crelu with equal parameters`.
  static func methodRemarks(_ configuration: Configuration) -> [String]

  /// A run ready for its first update.
  static func start(_ configuration: Configuration, seed: Int, device: Device) throws -> Training

  /// The `manifest()` and `sources` of a run with a configuration. By default a run is started to get them.
  ///
  /// - Throws: errors of missing data or environments.
  static func manifest(
    of configuration: Configuration
  ) throws -> (manifest: ProtocolManifest?, sources: [String: String])

  /// The same work with shorter tasks, so that a minute of training is enough to forecast a whole run. By default the
  /// configuration itself, with which task ends are measured less well.
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
  /// `tasks`.
  public static var taskAxisTitle: String { "tasks" }
  /// `task`.
  public static var taskNoun: String { "task" }
  /// No.
  public static func knowsBoundaries(_ configuration: Configuration) -> Bool { false }
  /// Not counted.
  public static func memoryForecast(_ configuration: Configuration) -> Double? { nil }
  /// That of a run that is started for this.
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
  /// The arms of `nap compare` by default.
  public var arms: [String]
  /// The number of seeds of `nap compare` by default.
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
  /// Refuses a new run with a method that would not act.
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
  /// Whether the arm knows task boundaries.
  public var knowsBoundaries: Bool
  /// The arm without its methods; itself when it has none.
  public var base: String
  /// Names of the baseline methods, then the arm's own settings as `key=value`.
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
