import Datasets
import Foundation
public import Networks
public import RunStore
public import Torch
public import Training

/// A run of a ``LanguageRecipe``.
public typealias LanguageTraining = SupervisedTraining<LanguageSource>

/// Windows of bytes of the text at hand, each with the bytes that follow.
public struct LanguageSource: TaskSource {
  /// The configuration.
  public let configuration: LanguageConfiguration
  /// The updates of each visit.
  public let lengths: TaskLengths
  public let schedule: RecordingSchedule
  /// What is trained.
  public let design: Learner.Design

  private let device: Device
  private let draws: SeededGenerator
  private let texts: [TokenWindows]
  private let manifests: [String: DataFile]
  private var visit = 0

  /// The texts of a run before its first visit.
  ///
  /// - Throws: `DatasetError` for a missing text or one that is shorter than a window, and ``ResourceError`` for a
  ///   network that memory cannot hold.
  init(_ configuration: LanguageConfiguration, seed: Int, device: Device) throws {
    self.configuration = configuration
    self.device = device
    let network = configuration.network
    try ResourceError.refuse(configuration.memoryNeeds())
    design = configuration.design
    draws = SeededGenerator(seed: UInt64(bitPattern: Int64(seed))).split("windows")
    let read = try configuration.texts.map(Self.text)
    texts = try read.map { try TokenWindows($0, length: network.context) }
    manifests = Self.files(configuration.texts, read)
    lengths = TaskLengths(
      Array(repeating: configuration.updatesPerTask, count: configuration.visits))
    schedule = configuration.recording.schedule
  }

  /// A text by `DATASET` or `DATASET/PART`.
  ///
  /// - Throws: `DatasetError` for a missing file and a name that there is not.
  static func text(_ name: String) throws -> TextDataset {
    let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
    return try DatasetRegistry.named(parts.first ?? name)
      .text(named: parts.count > 1 ? parts[1] : nil, from: DataFolder())
  }

  /// The files of texts, with their checksums.
  static func files(_ names: [String], _ texts: [TextDataset]) -> [String: DataFile] {
    Dictionary(
      zip(names, texts).map { ($0, DataFile(path: $1.source, bytes: $1.bytes)) },
      uniquingKeysWith: { first, _ in first })
  }

  /// Tokens of a window.
  public var inputShape: [Int] { [configuration.network.context] }
  /// The values of a byte.
  public var outputs: Int { configuration.network.vocabulary }
  /// Cross entropy of every next byte.
  public var loss: Loss { .crossEntropy }
  public var isFresh: Bool { configuration.isFresh }
  /// Texts differ.
  public var changesInputs: Bool { configuration.texts.count > 1 }
  public var microBatches: Int { configuration.microBatches }
  public var computation: Computation { configuration.computation }
  public var averageDecay: Double { configuration.average.decay }
  /// Windows of a batch.
  public var batchSize: Int { configuration.batchSize }

  private var windows: TokenWindows { texts[visit % texts.count] }

  /// Turns to the visit's text.
  public mutating func begin(_ task: Int) { visit = task }

  /// Windows at places that depend on the seed and the update alone.
  public func batch(_ moment: LoopMoment) -> TaskBatch {
    let (inputs, targets) = windows.trainingBatch(
      of: batchSize, update: moment.update, generator: draws, device: device)
    return TaskBatch(inputs: inputs, targets: targets)
  }

  /// The first windows of the text's validation part.
  public var probes: TaskBatch {
    let (inputs, targets) = windows.validationBatch(
      0, of: configuration.recording.probeCount, device: device)
    return TaskBatch(inputs: inputs, targets: targets)
  }
  /// Four of the probes at most.
  public var firstInputs: Tensor {
    windows.validationBatch(0, of: 4, device: device).inputs
  }

  /// Loss, accuracy and perplexity of every byte of the validation part.
  public func averageResults(
    _ network: Sequential, after moment: LoopMoment
  ) throws -> [MetricValue] {
    let (loss, accuracy) = try validation(network)
    return [
      moment.value(.testLoss, loss), moment.value(.testAccuracy, accuracy),
      moment.value(.perplexity, exp(loss)),
    ]
  }

  /// The entropy of attention.
  public func evaluatedMetrics(_ moment: LoopMoment) -> Set<Metric> { [.attentionEntropy] }

  /// Mean loss and accuracy of a byte. Can be stopped between batches.
  private func validation(_ network: Sequential) throws -> (loss: Double, accuracy: Double) {
    let all = windows.validationBatchCount(of: batchSize)
    var (losses, correct, count) = (PendingNumbers(), PendingNumbers(), 0)
    try withoutGradients {
      for index in 0..<configuration.recording.evaluatedBatches(of: all) {
        try StopRequest.check()
        let (inputs, targets) = windows.validationBatch(index, of: batchSize, device: device)
        let logits_BTV = network(inputs)
        losses.append(loss(logits_BTV, targets, reduction: .sum))
        correct.append(Accuracy.correctCount(logits_BTV, targets))
        count += targets.elementCount
      }
    }
    return (
      losses.take().reduce(0, +) / Double(count), correct.take().reduce(0, +) / Double(count)
    )
  }

  /// Nothing: batches depend on the seed and their place.
  public func save(into state: inout State) {}

  /// Turns to the visit's text.
  public mutating func restore(_ state: State, task: Int?) { visit = task ?? 0 }

  /// The checksums of the texts.
  public func manifest() -> ProtocolManifest? { ProtocolManifest(manifests) }
  /// Their paths.
  public var files: [String: String] { manifests.mapValues(\.path) }
}
