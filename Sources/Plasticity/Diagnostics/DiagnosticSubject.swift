public import Networks
public import Torch

/// What measurements look at: a network at one moment, inputs, and what it is compared with.
///
/// A class, so that measures taken one after another share a forward pass, its recorded graph and what
/// was made of both. A subject describes one moment: make another one after an update.
public final class DiagnosticSubject {
  /// The network. Layers must treat each example alone, as every layer of this package does.
  public let network: Sequential
  /// Inputs (N, …) for everything that takes gradients, ranks or compares examples.
  public let probes: Tensor
  /// The labels or targets of the probes, for measures of the loss.
  public let labels: Tensor?
  /// Inputs that units are counted on; the probes unless given.
  public let unitProbes: Tensor
  /// The loss of the outputs.
  public let loss: Loss
  /// The parameters' values at their initialization, by name.
  public let initial: [String: Tensor]?
  /// The moment that changes are measured from.
  public let reference: DiagnosticReference?
  /// The update that led here.
  public let update: StepRecord?
  /// The root of what measures draw; its own state never moves.
  public let generator: Generator

  /// Whether the pass that gives Jacobians also gives gradients of the inputs, which costs more.
  var wantsInputGradients = true

  /// A subject; see the properties.
  public init(
    network: Sequential, probes: Tensor, labels: Tensor? = nil, unitProbes: Tensor? = nil,
    loss: Loss = .crossEntropy, initial: [String: Tensor]? = nil,
    reference: DiagnosticReference? = nil, update: StepRecord? = nil, generator: Generator
  ) {
    self.network = network
    self.probes = probes
    self.labels = labels
    self.unitProbes = unitProbes ?? probes
    hasOwnUnitProbes = unitProbes != nil
    self.loss = loss
    self.initial = initial
    self.reference = reference
    self.update = update
    self.generator = generator
  }

  private let hasOwnUnitProbes: Bool

  /// Parameters that training changes.
  lazy var parameters: [NamedParameter] = network.trainableParameters

  /// Norms of every parameter, accumulated in float64.
  lazy var norms: Norms = Norms(parameters.map(\.parameter.value))

  /// The reason that holds for whoever needs sound parameters, `nil` when they are.
  lazy var parameterProblem: UndefinedReason? = {
    let all = network.namedParameters
    let norms = Norms(all.map(\.parameter.value)).each
    return zip(all, norms).first { !$1.isFinite }.map { .notFinite("parameter \($0.0.name)") }
  }()

  /// The probes as a leaf that gradients can be taken with respect to.
  lazy var inputs: Tensor = probes.dtype.isFloatingPoint ? probes.requiringGradient() : probes

  /// The forward pass over the probes, recorded.
  lazy var trace: NetworkTrace = withGradients { NetworkTrace(network, inputs) }

  /// The forward pass over the unit probes, not recorded.
  lazy var unitTrace: NetworkTrace =
    hasOwnUnitProbes ? withoutGradients { NetworkTrace(network, unitProbes) } : trace

  /// Inner products of the gradients of outputs over pairs of probes.
  lazy var outputKernel: Result<OutputKernel, UndefinedReason> = OutputKernel.measured(self)

  /// The layers with trainable parameters, where they come apart by example.
  lazy var perExampleLayers: PerExampleLayers? = PerExampleLayers(trace)

  /// The gradient of each probe's own loss with respect to what the layers with trainable parameters
  /// give for it, by the layer's place in the trace.
  lazy var lossDeltas: Result<[Int: Tensor], UndefinedReason> = {
    do throws(UndefinedReason) {
      let losses_N = try probeLosses()
      let places = trace.trainablePlaces
      let sum = withGradients { losses_N.sum() }
      let seed = withoutGradients { Tensor.onesLike(sum.detached()) }
      let found = gradients(
        of: [sum], seeds: [seed], withRespectTo: places.map { trace.steps[$0].output },
        retainGraph: true)
      return .success(
        Dictionary(
          zip(places, found).compactMap { place, delta in delta.map { (place, $0) } },
          uniquingKeysWith: { first, _ in first }))
    } catch { return .failure(error) }
  }()

  /// Singular values of the features, largest first.
  lazy var featureSpectrum: Result<[Double], UndefinedReason> = FeatureSpectrum.measured(self)

  /// One loss a probe, recorded.
  func probeLosses() throws(UndefinedReason) -> Tensor {
    guard let labels else { throw .notGiven("labels of the probes were") }
    guard let output = trace.output else { throw .noLayer("layer") }
    return withGradients {
      let losses = loss(output, labels, reduction: .none)
      return losses.dimensionCount > 1 ? losses.flattened(from: 1).mean(axes: [1]) : losses
    }
  }

  /// Throws unless there are that many probes, sound parameters and finite outputs.
  func require(examples: Int) throws(UndefinedReason) {
    let count = probes.shape.first ?? 0
    guard count > 0 else { throw .emptyBatch }
    guard count >= examples else { throw .tooFewExamples(found: count, needed: examples) }
    if let parameterProblem { throw parameterProblem }
    if let outputProblem { throw outputProblem }
  }

  /// Throws unless there is a unit probe, sound parameters and finite activations.
  func requireUnits() throws(UndefinedReason) -> [NetworkTrace.Step] {
    guard unitProbes.shape.first ?? 0 > 0 else { throw .emptyBatch }
    if let parameterProblem { throw parameterProblem }
    if let unitProblem { throw unitProblem }
    let steps = unitTrace.activations
    guard !steps.isEmpty else { throw .noLayer("nonlinearity") }
    return steps
  }

  private lazy var outputProblem: UndefinedReason? = Self.problem(in: trace)
  private lazy var unitProblem: UndefinedReason? = Self.problem(in: unitTrace)

  private static func problem(in trace: NetworkTrace) -> UndefinedReason? {
    let norms = Norms(trace.steps.map(\.output)).each
    return zip(trace.steps, norms).first { !$1.isFinite }
      .map { .notFinite("the output of \($0.0.name)") }
  }
}
