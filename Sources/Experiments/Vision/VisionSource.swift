import Datasets
public import Networks
import Plasticity
public import RunStore
public import Torch
public import Training

/// A run of a ``VisionRecipe``.
public typealias VisionTraining = SupervisedTraining<VisionSource>

/// Images with classes in batches of shuffled epochs, seen and mixed at random.
public struct VisionSource: TaskSource {
  /// The configuration.
  public let configuration: VisionConfiguration
  /// The updates of the one task.
  public let lengths: TaskLengths
  public let schedule: RecordingSchedule
  /// What is trained.
  public let design: Learner.Design
  /// The first images of the test split.
  public let probes: TaskBatch

  /// Images of a batch, at most all.
  public let batchSize: Int

  private let images: any ImageBatches
  private let draws: SeededGenerator
  private var training: ImageBatches.Source
  /// The processes among which images are shared out.
  private let parallel: DataParallel?
  /// Images that were left out because they cannot be decoded.
  private var skippedCount = 0
  /// The part of each batch that this process prepares.
  var share: ProcessShare { training.share }

  /// The images of a run.
  ///
  /// - Throws: `DatasetError` for images that are missing or damaged, `ConfigurationError` for a schedule that does not
  ///   fit the number of updates, and ``ResourceError`` for a network that memory cannot hold.
  init(_ configuration: VisionConfiguration, seed: Int, device: Device) throws {
    self.configuration = configuration
    images = try configuration.data.load(from: DataFolder(), device: device)
    let (shape, model) = (configuration.data.inputShape, configuration.network.model)
    try model.validate(inputShape: shape, outputs: images.classCount)
    batchSize = min(configuration.batchSize, images.trainingCount)
    var needs = [
      ResourceError.weights(
        Double(model.parameterCount(inputShape: shape, outputs: images.classCount)) * 16,
        setting: "network")
    ]
    if case .folders(let settings) = configuration.data {
      needs.append(
        ResourceError.Need(
          what: "images that are decoded ahead (data.prefetch, batchSize, data.side)",
          bytes: settings.preparedBytes(batchSize: batchSize), remedy: "a smaller data.prefetch"))
    }
    try ResourceError.refuse(needs)
    let updates =
      configuration.epochs > 0
      ? configuration.epochs.saturatingProduct(images.trainingCount / batchSize)
      : configuration.updatesPerTask
    lengths = TaskLengths([updates])
    design = configuration.design(updates: updates)
    try design.schedule.validate()
    schedule = configuration.recording.schedule
    draws = SeededGenerator(seed: UInt64(bitPattern: Int64(seed)))
    let share = try Self.share(configuration, batchSize: batchSize)
    parallel = share == .whole ? nil : DataParallel.current
    training = try images.training(batchSize: batchSize, draws: draws, share: share)
    var first = try images.test(
      batchSize: min(configuration.recording.probeCount, images.testCount), batches: 1)
    probes = Self.examples(try first.nextBatch(), configuration)
  }

  /// Of several processes each prepares its own part of a batch; all of it where what is computed needs all: partners
  /// of mixtures, activations that methods look at, statistics over the same micro-batches as of one process.
  private static func share(
    _ configuration: VisionConfiguration, batchSize: Int
  ) throws -> ProcessShare {
    guard let parallel = DataParallel.current, batchSize >= parallel.group.size,
      !configuration.mixing.isActive, configuration.methods.isEmpty,
      configuration.microBatches == 1 || !parallel.synchronizesStatistics
    else { return .whole }
    return try ProcessShare(rank: parallel.group.rank, of: parallel.group.size)
  }

  private static func examples(
    _ examples: (images: Tensor, labels: Tensor), _ configuration: VisionConfiguration
  ) -> TaskBatch {
    TaskBatch(
      inputs: examples.images.converted(to: configuration.network.dtype), targets: examples.labels)
  }

  /// Channels, height and width.
  public var inputShape: [Int] { configuration.data.inputShape }
  /// The number of classes.
  public var outputs: Int { images.classCount }
  /// Cross entropy with the configured smoothing.
  public var loss: Loss { configuration.loss }
  public var isFresh: Bool { configuration.isFresh }
  /// There is one task.
  public var changesInputs: Bool { false }
  public var microBatches: Int { configuration.microBatches }
  public var computation: Computation { configuration.computation }
  public var averageDecay: Double { configuration.average.decay }

  /// Nothing: there is one task.
  public mutating func begin(_ task: Int) {}

  /// The epoch's next images. Views and mixtures depend on the seed and the update alone.
  public mutating func batch(_ moment: LoopMoment) throws -> TaskBatch {
    let batch = try training.nextBatch()
    let own = batch.labels.elementCount
    var whole = own
    if let parallel {
      // Each process knows what it left out itself.
      let count = Tensor([own])
      if leavesOut { try parallel.group.allReduce(count) }
      whole = leavesOut ? count.integerItem : batchSize
    }
    skippedCount += batchSize - whole
    guard whole > 0 else {
      throw DatasetError(
        .malformed, path: "update \(moment.update)", expected: "an image that can be decoded",
        found: "none among \(batchSize)", remedy: "set data.corrupt=fatal, which names the first")
    }
    var examples = Self.examples(own > 0 ? batch : Self.standIn(batch), configuration)
    if parallel != nil { examples.part = (own, whole) }
    return configuration.mixing.mixed(
      examples, draws.split("update-\(moment.update)").split("mixing"))
  }

  /// Whether images that cannot be decoded are left out.
  private var leavesOut: Bool {
    if case .folders(let settings) = configuration.data { settings.corrupt == .skip } else { false }
  }

  /// An example in the place of none.
  private static func standIn(
    _ none: (images: Tensor, labels: Tensor)
  ) -> (images: Tensor, labels: Tensor) {
    let device = none.images.device
    return (
      Tensor.zeros([1] + none.images.shape.dropFirst(), device: device), Tensor([0], device: device)
    )
  }

  /// Four of the probes at most.
  public var firstInputs: Tensor { probes.inputs[0..<min(4, probes.count)] }

  /// Loss, accuracy and top-5 accuracy over the test split; can be stopped between batches.
  public func averageResults(
    _ network: Sequential, after moment: LoopMoment
  ) throws -> [MetricValue] {
    let size = batchSize
    let all = (images.testCount + size - 1) / size
    var (losses, correct, near) = (PendingNumbers(), PendingNumbers(), PendingNumbers())
    var count = 0
    let batches = configuration.recording.evaluatedBatches(of: all)
    var source = try images.test(batchSize: size, batches: batches)
    try withoutGradients {
      for _ in 0..<batches {
        try StopRequest.check()
        let batch = Self.examples(try source.nextBatch(), configuration)
        guard batch.count > 0 else { continue }
        let logits_BK = network(batch.inputs)
        losses.append(Loss.crossEntropy(logits_BK, batch.targets, reduction: .sum))
        correct.append(Accuracy.correctCount(logits_BK, batch.targets))
        if outputs > 5 { near.append(Accuracy.correctCount(logits_BK, batch.targets, among: 5)) }
        count += batch.count
      }
    }
    func mean(_ numbers: inout PendingNumbers) -> Double {
      numbers.take().reduce(0, +) / Double(count)
    }
    let values = [
      moment.value(.testLoss, mean(&losses)), moment.value(.testAccuracy, mean(&correct)),
    ]
    return outputs > 5 ? values + [moment.value(.topFiveAccuracy, mean(&near))] : values
  }

  /// The loss of the batch, and the images that were left out so far where there are any.
  public func measurements(
    _ network: Sequential, loss: Double, _ moment: LoopMoment
  ) -> [MetricValue] {
    [moment.value(.trainingLoss, loss)]
      + (skippedCount > 0 ? [moment.value(.skippedImages, Double(skippedCount))] : [])
  }

  /// Where the epoch stands.
  public func save(into state: inout State) throws {
    try state.add("batches", training.position)
    if skippedCount > 0 { try state.add("skipped", skippedCount) }
  }

  /// Continues in the epoch; an error changes nothing.
  public mutating func restore(_ state: State, task: Int?) throws {
    let skipped = try state.values["skipped"] == nil ? 0 : state.value("skipped", as: Int.self)
    guard skipped >= 0 else { throw StateError("it counts \(skipped) images that were left out") }
    try training.seek(state.value("batches", as: BatchPosition.self))
    skippedCount = skipped
  }

  /// The checksums of the images' files; `nil` for images without files.
  public func manifest() -> ProtocolManifest? { ProtocolManifest(images.files) }
  /// The paths of those files.
  public var files: [String: String] { images.files.mapValues(\.path) }
}
