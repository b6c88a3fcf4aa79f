import Datasets
import Foundation
public import Networks
public import RunStore
public import Torch
public import Training

/// A run of a ``LanguageRecipe``.
public typealias LanguageTraining = SupervisedTraining<LanguageSource>

/// Windows of tokens of the text at hand, each with the tokens that follow.
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
  private let texts: [any WindowSource]
  private let tokenizer: any Tokenizer
  private let facts: ProtocolManifest?
  /// The paths of the texts.
  public let files: [String: String]
  private var visit = 0

  /// The texts of a run before its first visit.
  ///
  /// - Throws: `DatasetError` for a missing text or one that is shorter than a window, ``UsageError`` for texts of
  ///   several tokenizers or another vocabulary, and ``ResourceError`` for a network that memory cannot hold.
  init(_ configuration: LanguageConfiguration, seed: Int, device: Device) throws {
    self.configuration = configuration
    self.device = device
    let network = configuration.network
    try ResourceError.refuse(configuration.memoryNeeds())
    design = configuration.design
    draws = SeededGenerator(seed: UInt64(bitPattern: Int64(seed))).split("windows")
    let read = try configuration.texts.map(LanguageText.init)
    tokenizer = try LanguageText.tokenizer(of: read, vocabulary: network.vocabulary)
    texts = try read.map { try $0.windows(length: network.context) }
    facts = LanguageText.manifest(configuration.texts, read)
    files = Dictionary(
      zip(configuration.texts, read.map(\.path)), uniquingKeysWith: { first, _ in first })
    lengths = TaskLengths(
      Array(repeating: configuration.updatesPerTask, count: configuration.visits))
    schedule = configuration.recording.schedule
  }

  /// Tokens of a window.
  public var inputShape: [Int] { [configuration.network.context] }
  /// Different tokens.
  public var outputs: Int { configuration.network.vocabulary }
  /// Cross entropy of every next token.
  public var loss: Loss { .crossEntropy }
  public var isFresh: Bool { configuration.isFresh }
  /// Texts differ.
  public var changesInputs: Bool { configuration.texts.count > 1 }
  public var microBatches: Int { configuration.microBatches }
  public var computation: Computation { configuration.computation }
  public var averageDecay: Double { configuration.average.decay }
  /// Windows of a batch.
  public var batchSize: Int { configuration.batchSize }

  private var windows: any WindowSource { texts[visit % texts.count] }

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

  /// Loss, accuracy and perplexity of every token of the validation part.
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

  /// Mean loss and accuracy of a token. Can be stopped between batches.
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

  /// The tokenizer, for whoever reads or writes text later. Batches depend on the seed and their place.
  public func save(into state: inout State) throws {
    try SavedTokenizer.save(tokenizer, into: &state)
  }

  /// Turns to the visit's text.
  ///
  /// - Throws: `StateError` for tokens of another tokenizer than the run began with.
  public mutating func restore(_ state: State, task: Int?) throws {
    let saved = try SavedTokenizer.identity(state)
    guard saved == tokenizer.identity else {
      throw StateError(
        "it was trained on tokens of \(saved.words), and its texts now have \(tokenizer.identity.words)"
      )
    }
    visit = task ?? 0
  }

  /// The checksums of the texts.
  public func manifest() -> ProtocolManifest? { facts }
}
