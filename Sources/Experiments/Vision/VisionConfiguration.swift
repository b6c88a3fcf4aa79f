import Datasets
public import Networks
public import NormalizeAndProject
public import Plasticity
import Torch
import Training

/// A classifier of images, trained once from beginning to end.
public struct VisionConfiguration: ArmedConfiguration, Hashable {
  /// The images.
  public var data: VisionData
  /// The network as written, before any further normalization is inserted.
  public var network: VisionNetwork
  /// The method's three parts; an arm switches parts off. A network by its word alone brings its own.
  public var nap: NaP
  /// The baseline methods; an arm adds some.
  public var methods = InterventionSet()
  /// The optimizer.
  public var optimizer: OptimizerConfiguration
  /// The schedule of the learning rate; a `decayUpdates` of 0 is the whole run.
  public var schedule = Schedule()
  /// Whether network and optimizer are initialized again at every task; there is one task.
  public var isFresh = false
  /// Passes over the training images; 0 for as many updates as ``updatesPerTask`` says.
  public var epochs = 0
  /// Updates of the run where ``epochs`` is 0.
  public var updatesPerTask: Int
  /// Images of one batch; the rest of an epoch that does not fill one is left out.
  public var batchSize = 128
  /// Parts that a batch is computed in, one after another, whose gradients add up: less memory, for the same update
  /// where no batch normalization looks at the batch.
  public var microBatches = 1
  /// How outputs and losses are computed.
  public var computation = Computation()
  /// The average of weights that is kept beside them.
  public var average = Averaging()
  /// s of targets `(1 − s)·onehot(label) + s / classes`.
  public var labelSmoothing = 0.0
  /// Whether examples are mixed of two.
  public var mixing = ImageMixing()
  /// What is measured, and when.
  public var recording = SupervisedRecording()

  /// A configuration with the network's own settings of the method; see the properties.
  public init(
    data: VisionData, network: VisionNetwork, optimizer: OptimizerConfiguration,
    updatesPerTask: Int
  ) {
    self.data = data
    self.network = network
    nap = network.nap
    self.optimizer = optimizer
    self.updatesPerTask = updatesPerTask
  }

  /// Reads a configuration; what is not there has its default, and a network by its word alone brings its own
  /// settings of the method.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      data: try values.decode(VisionData.self, forKey: .data),
      network: try values.decode(VisionNetwork.self, forKey: .network),
      optimizer: try values.decode(OptimizerConfiguration.self, forKey: .optimizer),
      updatesPerTask: try values.decode(Int.self, forKey: .updatesPerTask))
    if (try? values.decode(VisionNetwork.Kind.self, forKey: .network)) == nil {
      try values.read(&nap, .nap)
    }
    try values.read(&methods, .methods)
    try values.read(&schedule, .schedule)
    try values.read(&isFresh, .isFresh)
    try values.read(&epochs, .epochs)
    try values.read(&batchSize, .batchSize)
    try values.read(&microBatches, .microBatches)
    try values.read(&computation, .computation)
    try values.read(&average, .average)
    try values.read(&labelSmoothing, .labelSmoothing)
    try values.read(&mixing, .mixing)
    try values.read(&recording, .recording)
  }

  /// What is trained, over so many updates.
  func design(updates: Int) -> Learner.Design {
    var schedule = schedule
    schedule.setDecay(updates) { $0 == 0 }
    return Learner.Design(
      network: network.model, nap: nap, methods: methods, optimizer: optimizer, schedule: schedule)
  }

  /// The loss of training.
  var loss: Loss { .crossEntropy(labelSmoothing: labelSmoothing) }

  /// Checks ranges and combinations; see ``Recipe/validate(_:)``.
  func validated() throws -> [String] {
    try ConfigurationError.requireCount(epochs, "epochs", from: 0)
    try ConfigurationError.requireCount(updatesPerTask, "updatesPerTask", from: epochs > 0 ? 0 : 1)
    try ConfigurationError.requireNumber(labelSmoothing, "labelSmoothing", to: 1)
    try recording.validate(batchSize: batchSize, microBatches: microBatches)
    try average.validate()
    try data.validate()
    try mixing.validate()
    try network.model.validate(inputShape: data.inputShape, outputs: 2)
    var whole = self
    // How many updates some epochs have is known when the images are.
    whole.schedule =
      design(updates: epochs > 0 ? ConfigurationError.largestCount : updatesPerTask).schedule
    guard case .folders(let images) = data, images.preparedBytes(batchSize: batchSize) > 1e9 else {
      return try whole.validatedParts()
    }
    return try whole.validatedParts() + [
      "images that are decoded ahead take \(MemoryLimit.gigabytes(images.preparedBytes(batchSize: batchSize))) "
        + "(data.prefetch, batchSize, data.side)"
    ]
  }
}
