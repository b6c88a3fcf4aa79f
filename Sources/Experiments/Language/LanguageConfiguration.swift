import Datasets
public import Networks
public import NormalizeAndProject
public import Plasticity
import Torch
import Training

/// A language model on one text after another.
///
/// Tokens are the bytes of texts, or those of token shards. With one text and one cycle it is an ordinary run; with
/// several it goes on from text to text with the same network.
public struct LanguageConfiguration: ArmedConfiguration, Hashable {
  /// Names of texts, in order; `DATASET/PART` for a part of a dataset, the path of a folder for token shards.
  public var texts: [String]
  /// How often the texts are visited, all of them in order.
  public var cycles: Int
  /// The network as written, before any further normalization is inserted.
  public var network: GPT
  /// The method's three parts; an arm switches parts off.
  public var nap: NaP
  /// The baseline methods; an arm adds some.
  public var methods: InterventionSet
  /// The optimizer.
  public var optimizer: OptimizerConfiguration
  /// The schedule of the learning rate.
  public var schedule: Schedule
  /// Whether network and optimizer are initialized again at every text.
  public var isFresh: Bool
  /// Updates of one visit to a text.
  public var updatesPerTask: Int
  /// Windows of one batch.
  public var batchSize: Int
  /// Parts that a batch is computed in, one after another, whose gradients add up: less memory for the same update.
  public var microBatches: Int
  /// How outputs and losses are computed.
  public var computation = Computation()
  /// The average of weights that is kept beside them.
  public var average = Averaging()
  /// What is measured, and when.
  public var recording: SupervisedRecording

  /// A configuration; see the properties.
  public init(
    texts: [String] = ["tiny-shakespeare"], cycles: Int = 1, network: GPT, nap: NaP = .transformer,
    methods: InterventionSet = InterventionSet(), optimizer: OptimizerConfiguration,
    schedule: Schedule = Schedule(), isFresh: Bool = false, updatesPerTask: Int,
    batchSize: Int = 32, microBatches: Int = 1,
    recording: SupervisedRecording = SupervisedRecording()
  ) {
    self.texts = texts
    self.cycles = cycles
    self.network = network
    self.nap = nap
    self.methods = methods
    self.optimizer = optimizer
    self.schedule = schedule
    self.isFresh = isFresh
    self.updatesPerTask = updatesPerTask
    self.batchSize = batchSize
    self.microBatches = microBatches
    self.recording = recording
  }

  /// Visits of the run.
  var visits: Int { texts.count.saturatingProduct(cycles) }

  /// What is trained.
  var design: Learner.Design {
    Learner.Design(
      network: network, nap: nap, methods: methods, optimizer: optimizer, schedule: schedule)
  }

  /// Checks ranges and combinations; see ``Recipe/validate(_:)``.
  func validated() throws -> [String] {
    guard !texts.isEmpty else {
      throw UsageError("texts: expected at least one text, found none; `nap data list` has them")
    }
    for (key, value) in [("cycles", cycles), ("updatesPerTask", updatesPerTask)] {
      try ConfigurationError.requireCount(value, key, from: 1)
    }
    try recording.validate(batchSize: batchSize, microBatches: microBatches)
    guard !visits.multipliedReportingOverflow(by: updatesPerTask).overflow else {
      throw UsageError(
        "updatesPerTask: expected visits times updatesPerTask below 2^63, found \(visits) times "
          + "\(updatesPerTask)")
    }
    // Of token shards their tokenizer says it, when they are opened.
    let areBytes = !texts.contains(where: LanguageText.areShards)
    guard network.vocabulary == TokenWindows.vocabulary || !areBytes else {
      throw UsageError(
        "network.vocabulary: expected \(TokenWindows.vocabulary), the values of a byte, found "
          + "\(network.vocabulary)")
    }
    try network.validate(inputShape: [network.context], outputs: network.vocabulary)
    try average.validate()
    return try validatedParts()
  }
}
