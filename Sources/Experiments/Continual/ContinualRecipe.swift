import Datasets
import Networks
public import Plasticity
public import Torch

/// A recipe whose runs learn one classification task after another, in the arms of ``Arm``.
///
/// Loads images from `$NAP_DATA` or makes its examples. The configuration's stream says what changes between tasks.
public protocol ContinualRecipe: Recipe
where Configuration == ContinualConfiguration, Training == ContinualTraining {}

extension ContinualRecipe {
  /// Every arm with its label.
  public static var arms: [ArmDescription] { Arm.all.map(ArmDescription.init) }

  /// Every baseline method.
  public static var methods: [MethodDescription] { MethodDescription.all }

  /// The arm with the network of `norm` and `nap` that is initialized again at every task. The difference to it is the
  /// cost of continuing, without the effect of normalization (docs/decisions/0010).
  public static var referenceArm: String { Arm(.freshNorm).description }

  /// The arm with the network as written that is initialized again at every task.
  public static var otherReferenceArms: [String] { [Arm(.fresh).description] }

  /// The arm that differs only in the projection.
  public static func withoutProjection(_ arm: String) -> String? {
    (try? Arm(arm))?.withoutProjection?.description
  }

  /// The arm's name with its baseline methods in order.
  public static func arm(_ arm: String, methods: [String]) throws -> String {
    let base = try Arm(arm)
    return Arm(
      base.method, base.schedule, methods: base.methods + (try MethodNames.known(methods))
    ).description
  }

  /// Whether the network, a schedule or a method restarts at every task.
  public static func knowsBoundaries(_ configuration: ContinualConfiguration) -> Bool {
    configuration.isFresh || configuration.schedule.restartsAtTask
      || configuration.methods.knowsBoundaries
  }

  /// The description of an arm.
  public static func description(ofArm arm: String) throws -> ArmDescription {
    ArmDescription(try Arm(arm))
  }

  /// The configuration of an arm.
  public static func configuration(
    _ base: ContinualConfiguration, arm: String
  ) throws -> ContinualConfiguration {
    base.applying(try Arm(arm))
  }

  /// Ranges and redundant combinations.
  public static func validate(_ configuration: ContinualConfiguration) throws -> [String] {
    try configuration.validated()
  }

  /// Methods that would find nothing to act on.
  public static func idleMethods(_ configuration: ContinualConfiguration) throws -> [IdleMethod] {
    try configuration.idleMethods()
  }

  /// How settings of methods change the network.
  public static func methodRemarks(_ configuration: ContinualConfiguration) -> [String] {
    configuration.methods.remarks
  }

  /// Loads or makes the examples and builds the network.
  public static func start(
    _ configuration: ContinualConfiguration, seed: Int, device: Device
  ) throws -> ContinualTraining {
    try ContinualTraining(
      configuration,
      task: ClassificationTask(
        configuration.data, testCount: configuration.stream.testCount, folder: DataFolder(),
        dtype: configuration.network.dtype, device: device), seed: seed, device: device)
  }

  /// Tasks of ten updates, or longer ones if the run would be too short.
  public static func rehearsal(
    _ configuration: ContinualConfiguration
  ) -> Rehearsal<ContinualConfiguration> {
    var short = configuration
    short.updatesPerTask = max(10, 500 / configuration.tasks)
    if configuration.stream.epochsPerTask == 0 {
      short.updatesPerTask = min(configuration.updatesPerTask, short.updatesPerTask)
    }
    short.stream.epochsPerTask = 0
    return Rehearsal(short, tasks: configuration.tasks)
  }
}

extension ArmDescription {
  /// The arm with this name.
  init(_ arm: Arm) {
    self.init(
      name: arm.description, summary: arm.summary, knowsBoundaries: arm.knowsBoundaries,
      base: Arm(arm.method, arm.schedule).description, methods: arm.methods)
  }
}
