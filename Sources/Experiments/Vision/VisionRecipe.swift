import Datasets
import Networks
import NormalizeAndProject
public import Plasticity
public import RunStore
public import Torch
import Training

/// A recipe whose runs train a classifier of images once, in the arms of ``Arm``.
///
/// For a ``/Networks/ResNet``, `plain` is the network with its batch normalizations and `project` projects it, running
/// statistics, scales and offsets with it; `norm` and `nap` have LayerNorm in their place and before the nonlinearity
/// after each sum. For a ``/Networks/ViT``, `norm` and `nap` add a normalization before every nonlinearity.
public protocol VisionRecipe: ArmedRecipe
where Configuration == VisionConfiguration, Training == VisionTraining {}

extension VisionRecipe {
  /// Test accuracy at the end.
  public static var primaryMeasure: PrimaryMeasure {
    PrimaryMeasure(.testAccuracy, over: .lastFifth)
  }

  /// `norm` is not the reference here: nothing changes, so the network as written is.
  public static var referenceArm: String { Arm(.plain).description }

  /// The arms that know no boundary, since there is none.
  public static var arms: [ArmDescription] {
    Arm.all.filter { !$0.knowsBoundaries }.map(ArmDescription.init)
  }

  /// The paper: normalization and projection cost nothing on a stationary task.
  public static var hypotheses: [Hypothesis] {
    [
      Hypothesis("norm", .noWorse, than: "plain", source: "METHOD 3.5"),
      Hypothesis("nap", .noWorse, than: "plain", source: "METHOD 3.5"),
    ]
  }

  /// Both learning rates, test accuracy and the loss of each batch, along the run.
  public static var metricsAlongUpdates: [Metric] {
    Metric.rates + [.testAccuracy, .trainingLoss, .parameterNorm, .gradientNorm]
  }

  /// The base with what the arm switches on and off; a projected ResNet keeps scale and offset of its batch
  /// normalizations on their joint norm, too.
  ///
  /// - Throws: ``UsageError`` for a schedule of the arm's own over a number of updates that is not known.
  public static func configuration(
    _ base: VisionConfiguration, arm: String
  ) throws -> VisionConfiguration {
    let named = try Arm(arm)
    guard named.schedule == .configured || base.epochs == 0 else {
      throw UsageError(
        "epochs: expected 0 with the arm \(arm), whose schedule needs the number of updates, found "
          + "\(base.epochs); set updatesPerTask instead")
    }
    var result = base.applying(named)
    if named.method == .project, case .resnet = base.network {
      result.nap.scaleAndOffset = base.nap.scaleAndOffset
    }
    return result
  }

  /// Ranges and redundant combinations.
  public static func validate(_ configuration: VisionConfiguration) throws -> [String] {
    try configuration.validated()
  }

  /// Methods that would find nothing to act on.
  public static func idleMethods(_ configuration: VisionConfiguration) throws -> [IdleMethod] {
    guard !configuration.methods.isEmpty else { return [] }
    try configuration.methods.requireCompatibleUse()
    let updates = max(1, configuration.updatesPerTask)
    return try Learner.idleMethods(
      configuration.design(updates: updates), inputShape: configuration.data.inputShape,
      outputs: 10, taskCount: 1, updateCount: configuration.epochs > 0 ? nil : updates)
  }

  /// Reads the images and builds the network.
  public static func start(
    _ configuration: VisionConfiguration, seed: Int, device: Device
  ) throws -> VisionTraining {
    try VisionTraining(
      VisionSource(configuration, seed: seed, device: device),
      generator: Generator(seed: UInt64(bitPattern: Int64(seed))), device: device)
  }

  /// The checksums of the images' files; the network is not built for it.
  public static func manifest(
    of configuration: VisionConfiguration
  ) throws -> (manifest: ProtocolManifest?, sources: [String: String]) {
    let files = try configuration.data.load(from: DataFolder(), device: .cpu).files
    return (ProtocolManifest(files), files.mapValues(\.path))
  }

  /// Four updates, since those of large networks take seconds, and two batches of the test split.
  public static func rehearsal(
    _ configuration: VisionConfiguration
  ) -> Rehearsal<VisionConfiguration> {
    var short = configuration
    (short.epochs, short.updatesPerTask) = (0, 4)
    short.schedule.warmUpUpdates = min(short.schedule.warmUpUpdates, 1)
    short.schedule.setDecay(4) { $0 > 0 }
    short.recording.evaluateEveryUpdates = 0
    short.recording.validationBatches = 2
    var rehearsal = Rehearsal(short, tasks: 1)
    rehearsal.skippedUpdates = 1
    return rehearsal
  }
}
