import Datasets
import Networks
public import Plasticity
public import RunStore
public import Torch
import Training

/// A recipe whose runs train a language model, on one text or on one after another, in the arms of ``Arm``.
public protocol LanguageRecipe: ArmedRecipe
where Configuration == LanguageConfiguration, Training == LanguageTraining {}

extension LanguageRecipe {
  /// Both learning rates, the validation loss and the loss of each batch, along the run.
  public static var metricsAlongUpdates: [Metric] {
    Metric.rates + [.testLoss, .trainingLoss, .parameterNorm, .gradientNorm]
  }

  /// Ranges and redundant combinations.
  public static func validate(_ configuration: LanguageConfiguration) throws -> [String] {
    try configuration.validated()
  }

  /// Methods that would find nothing to act on.
  public static func idleMethods(_ configuration: LanguageConfiguration) throws -> [IdleMethod] {
    guard !configuration.methods.isEmpty else { return [] }
    try configuration.methods.requireCompatibleUse()
    return try Learner.idleMethods(
      configuration.design, inputShape: [configuration.network.context],
      outputs: configuration.network.vocabulary, taskCount: configuration.visits,
      updateCount: configuration.visits.saturatingProduct(configuration.updatesPerTask))
  }

  /// Reads the texts and builds the network.
  public static func start(
    _ configuration: LanguageConfiguration, seed: Int, device: Device
  ) throws -> LanguageTraining {
    try LanguageTraining(
      LanguageSource(configuration, seed: seed, device: device),
      generator: Generator(seed: UInt64(bitPattern: Int64(seed))), device: device)
  }

  /// The sums of the texts; the network is not built for it.
  public static func manifest(
    of configuration: LanguageConfiguration
  ) throws -> (manifest: ProtocolManifest?, sources: [String: String]) {
    let names = configuration.texts
    let texts = try names.map(LanguageText.init)
    return (
      LanguageText.manifest(names, texts),
      Dictionary(zip(names, texts.map(\.path)), uniquingKeysWith: { first, _ in first })
    )
  }

  /// Visits of ten updates.
  public static func rehearsal(
    _ configuration: LanguageConfiguration
  ) -> Rehearsal<LanguageConfiguration> {
    var short = configuration
    short.updatesPerTask = min(configuration.updatesPerTask, 10)
    short.recording.validationBatches = 2
    return Rehearsal(short, tasks: configuration.visits)
  }
}

/// A language model on one text: does the method cost anything where nothing changes?
///
/// Source: METHOD 3.5. The paper trains 400M parameters on C4; shape, optimizer and length are nanoGPT's
/// (`config/train_shakespeare_char.py`, Karpathy 2022) at sizes for two cores.
public enum Language: LanguageRecipe {
  /// `language`.
  public static let name = "language"
  /// One line for `nap list`.
  public static let summary =
    "a language model on one text: what does the method cost where nothing changes? (METHOD 3.5)"
  /// The last validation loss.
  public static let primaryMeasure = PrimaryMeasure(.testLoss, over: .lastFifth)
  /// `norm` is not the reference here: nothing changes, so the base is.
  public static let referenceArm = Arm(.plain).description
  /// The arms that know no boundary, since there is none.
  public static let arms = Arm.all.filter { !$0.knowsBoundaries }.map(ArmDescription.init)

  /// The paper: normalization and projection cost nothing on a stationary task.
  public static let hypotheses = [
    Hypothesis("norm", .noWorse, than: "plain", source: "METHOD 3.5"),
    Hypothesis("nap", .noWorse, than: "plain", source: "METHOD 3.5"),
  ]

  /// Sizes by what they are for.
  public static let presets = [
    Preset(
      "short", "Tiny Shakespeare, 0.8M parameters, 2,000 updates of 32 x 128 bytes: minutes a run",
      base(layers: 4, heads: 4, features: 128, context: 128, updates: 2_000),
      arms: ["plain", "norm", "nap"], seeds: 3),
    Preset(
      "smoke", "`short` with one narrow block and 30 updates: seconds; no evidence",
      base(layers: 1, heads: 2, features: 32, context: 32, updates: 30),
      arms: ["plain", "norm", "nap"], seeds: 1),
    Preset(
      "small", "2.7M parameters, 5,000 updates of 32 x 256 bytes: an hour a run on two cores",
      base(layers: 6, heads: 6, features: 192, context: 256, updates: 5_000),
      arms: ["plain", "norm", "nap"], seeds: 3),
    Preset(
      "10M",
      "nanoGPT's model of characters, 10.7M parameters, 5,000 updates of 64 x 256: a GPU's job",
      nanoGPT, arms: ["plain", "norm", "nap"], seeds: 3),
    Preset(
      "400M",
      "403M parameters in bfloat16, 20,000 updates of 64 x 1,024 bytes: METHOD 3.5's size, a GPU's job",
      fourHundredMillion, arms: ["plain", "norm", "nap"], seeds: 1),
  ]

  /// AdamW, its decay on weights alone, a warm-up of a twentieth and a cosine to a tenth.
  static func base(
    layers: Int, heads: Int, features: Int, context: Int, updates: Int
  ) -> LanguageConfiguration {
    var configuration = LanguageConfiguration(
      network: GPT(
        vocabulary: TokenWindows.vocabulary, context: context,
        blocks: TransformerBlocks(layers: layers, heads: heads, features: features, dense: .gelu),
        isOutputTied: false),
      optimizer: OptimizerConfiguration(
        .adamw(.init { ($0.beta2, $0.weightDecay, $0.decayed) = (0.99, 0.1, .weights) }),
        learningRate: 1e-3, gradientClip: 1),
      schedule: Schedule(
        .cosine(.init { ($0.decayUpdates, $0.finalRate) = (updates, 1e-4) }),
        warmUpUpdates: max(1, updates / 20), warmUpRate: 1e-5), updatesPerTask: updates)
    configuration.recording.everyUpdates = max(1, updates / 100)
    configuration.recording.evaluateEveryUpdates = max(1, updates / 10)
    configuration.recording.validationBatches = 20
    return configuration
  }

  /// The paper's number of parameters: GPT-2 medium's blocks, 32 of them, since bytes need no large tables.
  ///
  /// Known of the paper's run: 400M parameters on C4. Rate and schedule are GPT-3's of 350M parameters (Brown et al.
  /// 2020, table 2.1), length and batch our choice.
  private static var fourHundredMillion: LanguageConfiguration {
    var configuration = base(
      layers: 32, heads: 16, features: 1_024, context: 1_024, updates: 20_000)
    configuration.optimizer = OptimizerConfiguration(
      .adamw(.init { ($0.beta2, $0.weightDecay, $0.decayed) = (0.95, 0.1, .weights) }),
      learningRate: 3e-4, gradientClip: 1)
    configuration.schedule = Schedule(
      .cosine(.init { ($0.decayUpdates, $0.finalRate) = (20_000, 3e-5) }), warmUpUpdates: 1_000,
      warmUpRate: 3e-6)
    configuration.batchSize = 64
    configuration.microBatches = 8
    configuration.computation.precision = .bfloat16
    configuration.computation.recomputesActivations = true
    configuration.recording.checkpointEveryUpdates = 1_000
    return configuration
  }

  private static var nanoGPT: LanguageConfiguration {
    var configuration = base(layers: 6, heads: 6, features: 384, context: 256, updates: 5_000)
    configuration.batchSize = 64
    return configuration
  }
}

/// A language model that goes from text to text, through all of them twice: is what comes later learned as well as by a
/// fresh model?
///
/// Our experiment: plasticity in language.
public enum ContinualLanguage: LanguageRecipe {
  /// `continual-language`.
  public static let name = "continual-language"
  /// One line for `nap list`.
  public static let summary =
    "a language model on one kind of text after another, twice: is it as able to learn as a fresh one?"
  /// Mean loss of each batch before its update, over the last fifth of the visits.
  public static let primaryMeasure = PrimaryMeasure(.onlineLoss, over: .lastFifth)
  /// `texts`.
  public static let taskAxisTitle = "texts"
  /// `text`.
  public static let taskNoun = "text"
  /// A fresh model of the same network is the measure of what can be learned in one visit.
  public static let hypotheses = [
    Hypothesis("nap", .better, than: "norm", source: "our expectation"),
    Hypothesis("nap", .noWorse, than: "fresh-norm", source: "our expectation"),
  ]

  /// The texts in the order of the visits.
  public static func taskRow(_ configuration: LanguageConfiguration) -> TaskRow? {
    TaskRow(
      names: configuration.texts, visits: configuration.cycles,
      updatesPerVisit: configuration.updatesPerTask, metrics: [.onlineLoss, .testLoss])
  }

  /// Sizes by what they are for.
  public static let presets = [
    Preset(
      "short",
      "six kinds of text twice, 0.8M parameters, 1,000 updates a visit: half an hour a run",
      configuration(updates: 1_000), arms: mainArms, seeds: 3),
    Preset(
      "smoke", "one narrow block, 20 updates a visit: seconds; no evidence", smoke,
      arms: mainArms, seeds: 1),
  ]

  private static let mainArms = ["plain", "norm", "nap", "fresh", "fresh-norm"]

  private static func configuration(updates: Int) -> LanguageConfiguration {
    var configuration = Language.base(
      layers: 4, heads: 4, features: 128, context: 128, updates: updates)
    configuration.texts = DatasetRegistry.debianTexts.textNames.map {
      "\(DatasetRegistry.debianTexts.name)/\($0)"
    }
    configuration.cycles = 2
    configuration.schedule = Schedule()
    configuration.optimizer = OptimizerConfiguration(learningRate: 1e-3, gradientClip: 1)
    return configuration
  }

  private static var smoke: LanguageConfiguration {
    var configuration = configuration(updates: 20)
    configuration.network =
      Language.base(
        layers: 1, heads: 2, features: 32, context: 32, updates: 20
      ).network
    return configuration
  }
}
