import Datasets
import Networks
public import Plasticity
public import Torch

/// A recipe whose runs learn one classification task after another, in the arms of ``Arm``.
///
/// Loads images from `$NAP_DATA` or makes its examples; what changes from task to task is the configuration's stream.
public protocol ContinualRecipe: ArmedRecipe
where Configuration == ContinualConfiguration, Training == ContinualTraining {}

extension ContinualRecipe {
  /// Ranges and redundant combinations.
  public static func validate(_ configuration: ContinualConfiguration) throws -> [String] {
    try configuration.validated()
  }

  /// Methods that would find nothing to act on.
  public static func idleMethods(_ configuration: ContinualConfiguration) throws -> [IdleMethod] {
    try configuration.idleMethods()
  }

  /// Loads or makes the examples and builds the network.
  public static func start(
    _ configuration: ContinualConfiguration, seed: Int, device: Device
  ) throws -> ContinualTraining {
    let task = try ClassificationTask(
      configuration.data, testCount: configuration.stream.testCount, folder: DataFolder(),
      dtype: configuration.network.dtype, device: device)
    return try ContinualTraining(
      ClassificationSource(configuration, task: task, seed: seed, device: device),
      generator: Generator(seed: UInt64(bitPattern: Int64(seed))), device: device)
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
