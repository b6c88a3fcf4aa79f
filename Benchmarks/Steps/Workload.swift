import Networks
import NormalizeAndProject
import Plasticity
import Torch

/// One of the reference workloads, built as `peer_steps.py` builds it.
struct Workload {
  /// Which network.
  enum Kind: String, CaseIterable {
    /// 3072-512-512-512-10, batch 128, learned scale and offset in each LayerNorm.
    case mlp
    /// Convolutions 5x5x32, 3x3x32, 3x3x32 (strides 1, 2, 2), dense 256, 10 classes, batch 128;
    /// LayerNorm over C, H, W without, over features with learned scale and offset.
    case cnn
    /// A decoder of 4 blocks of 256 features, 4 heads, 256 tokens of 4,096, batch 8; RMSNorm in front of branches
    /// and of GELU.
    case gpt
    /// ``ResNet/cifar18`` for 32 x 32 pixels, batch 32; LayerNorm over C, H, W before every nonlinearity.
    case resnet18
    /// ``ViT/cifar``, batch 64; RMSNorm before GELU and on queries and keys.
    case vit

    /// The learning rate; the peer's.
    var learningRate: Double { self == .gpt ? 3e-4 : 1e-4 }

    /// Multiplications and additions of the matrix products of one step: forward, the gradient of
    /// every weight, and the gradient of every input but the first layer's.
    var operationsPerStep: Double {
      let batch = 128.0
      switch self {
      case .mlp:
        let first = 3_072.0 * 512
        let rest = 512.0 * 512 * 2 + 512 * 10
        return 2 * batch * (2 * first + 3 * rest)
      case .cnn:
        let first = 3.0 * 25 * 32 * 1_024
        let second = 32.0 * 9 * 32 * 256
        let third = 32.0 * 9 * 32 * 64
        let dense = 2_048.0 * 256 + 256.0 * 10
        let rest = second + third + dense
        return 2 * batch * (2 * first + 3 * rest)
      case .gpt:
        return 3 * 8 * Workload.gpt.forwardOperations(inputShape: [256], outputs: 4_096)
      case .resnet18:
        return 3 * 32 * ResNet.cifar18.forwardOperations(inputShape: [3, 32, 32], outputs: 10)
      case .vit: return 3 * 64 * ViT.cifar.forwardOperations(inputShape: [3, 32, 32], outputs: 10)
      }
    }
  }

  let network: Sequential
  private let parameters: [NamedParameter]
  private var optimizer: any Optimizer
  private let projection: ProjectionState
  private let learningRate: Double
  private let inputs: Tensor
  private let targets: Tensor
  private var updates = 0

  /// The processes that share the batch; `nil` for one of its own.
  private let group: ProcessGroup?
  private var buckets: GradientBuckets?

  init(_ kind: Kind, projects: Bool, device: Device, group: ProcessGroup? = nil) throws {
    self.group = group
    func rows(_ tensor: Tensor) -> Tensor {
      guard let group else { return tensor }
      let count = tensor.shape[0]
      return tensor[(count * group.rank / group.size)..<(count * (group.rank + 1) / group.size)]
    }
    let generator = Generator(seed: 0)
    network = try Self.network(kind, generator, device)
    parameters = network.trainableParameters
    learningRate = kind.learningRate
    optimizer = try OptimizerConfiguration(learningRate: learningRate)
      .make(for: parameters.map(\.parameter))
    let hidden: Projection =
      kind == .gpt || kind == .vit ? NaP.transformer.projection : .hiddenWeights
    projection = try ProjectionState(
      NaP(projection: projects ? hidden : .none, scaleAndOffset: .free), parameters: parameters)
    if kind == .gpt {
      let tokens_BT = Tensor.integers(
        from: 0, to: 4_096, [8, 257], generator: generator.split("tokens")
      ).moved(to: device)
      inputs = rows(tokens_BT.narrowed(axis: 1, from: 0, length: 256))
      targets = rows(tokens_BT.narrowed(axis: 1, from: 1, length: 256))
      unitProbes = inputs
      return
    }
    let batch = kind == .resnet18 ? 32 : kind == .vit ? 64 : 128
    inputs = rows(
      Tensor.normal([batch, 3, 32, 32], generator: generator.split("images")).moved(to: device))
    unitProbes = Tensor.normal([512, 3, 32, 32], generator: generator.split("units"))
      .moved(to: device)
    targets = rows(
      Tensor.integers(from: 0, to: 10, [batch], generator: generator.split("labels"))
        .moved(to: device))
  }

  /// The step's update as diagnostics see it, from the next step on.
  var measuresUpdates = false
  private(set) var update: StepRecord?

  /// The network at this moment, over as many probes as a recording has, 64, and units over 512.
  func subject(_ initial: [String: Tensor], _ reference: DiagnosticReference?) -> DiagnosticSubject
  {
    DiagnosticSubject(
      network: network, probes: inputs[0..<64], labels: targets[0..<64],
      unitProbes: unitProbes, initial: initial, reference: reference, update: update,
      generator: Generator(seed: 7))
  }

  private let unitProbes: Tensor

  /// One step; gives the loss, as the peer reads it.
  mutating func step() throws -> Double {
    let loss = Loss.crossEntropy(network(inputs), targets)
    let gradients = try gradients(of: loss)
    let measuring = measuresUpdates ? StepMeasuring(parameters) : nil
    var request = UpdateRequest(
      parameters: parameters.map(\.parameter), gradients: gradients, learningRate: learningRate,
      isMeasured: measuresUpdates)
    projection.join(&request, update: updates)
    let report = try optimizer.step(request)
    try projection.apply(after: request, update: updates)
    update = report.flatMap {
      measuring?.record($0, gradients: gradients, learningRate: learningRate, optimizer)
    }
    updates += 1
    return loss.item
  }

  /// The gradients of the loss, or of the mean over the processes.
  private mutating func gradients(of loss: Tensor) throws -> [Tensor] {
    let leaves = parameters.map(\.parameter.value)
    guard let group else { return Torch.gradients(of: loss, withRespectTo: leaves) }
    let own = buckets ?? GradientBuckets(leaves, group: group)
    buckets = own
    try own.begin(loss * (1 / Double(group.size)), adding: [])
    return try own.finish()
  }

  private static func network(
    _ kind: Kind, _ generator: Generator, _ device: Device
  ) throws -> Sequential {
    func classifier(_ model: any NetworkBlueprint, _ nap: NaP) throws -> Sequential {
      try nap.normalized(
        model.build(inputShape: [3, 32, 32], outputs: 10, generator: generator, device: device),
        inputShape: [3, 32, 32])
    }
    return switch kind {
    case .mlp: mlp(generator, device)
    case .cnn: cnn(generator, device)
    case .gpt: normalizedDense(try gpt.build(generator: generator, device: device), device)
    case .resnet18: try classifier(ResNet.cifar18, .residualNetwork)
    case .vit: try classifier(ViT.cifar, .transformer)
    }
  }

  private static let gpt = GPT(
    vocabulary: 4_096, context: 256,
    blocks: TransformerBlocks(
      layers: 4, heads: 4, features: 256, normalization: .rms, hasBiases: false),
    isOutputTied: false)

  /// The peer's network has RMSNorm before GELU, but none on queries and keys.
  private static func normalizedDense(_ network: Sequential, _ device: Device) -> Sequential {
    Sequential(
      network.elements.map { element in
        guard let block = element.layer as? Residual,
          let index = block.body.elements.firstIndex(where: { $0.layer is GELU })
        else { return element }
        var body = block.body.elements
        body.insert(.init("norm", RMSNorm(shape: [1_024], device: device)), at: index)
        return .init(element.name, Residual(Sequential(body)))
      })
  }

  private static func mlp(_ generator: Generator, _ device: Device) -> Sequential {
    var layers: [any Layer] = [Flatten()]
    var width = 3_072
    for index in 0..<3 {
      layers += [
        Linear(
          inputFeatures: width, outputFeatures: 512, hasBias: false,
          generator: generator.split("\(index)"), device: device),
        LayerNorm(shape: [512], device: device), ReLU(),
      ]
      width = 512
    }
    layers.append(
      Linear(
        inputFeatures: 512, outputFeatures: 10, isOutput: true,
        generator: generator.split("output"), device: device))
    return Sequential(layers)
  }

  private static func cnn(_ generator: Generator, _ device: Device) -> Sequential {
    var layers: [any Layer] = []
    var channels = 3
    for (index, (kernel, stride)) in [(5, 1), (3, 2), (3, 2)].enumerated() {
      layers += [
        Convolution2D(
          inputChannels: channels, outputChannels: 32, kernel: Extent2D(kernel),
          stride: Extent2D(stride), padding: Extent2D(kernel / 2), hasBias: false,
          generator: generator.split("\(index)"), device: device),
        LayerNorm(axes: .last(3), device: device), ReLU(),
      ]
      channels = 32
    }
    layers += [
      Flatten(),
      Linear(
        inputFeatures: 2_048, outputFeatures: 256, hasBias: false,
        generator: generator.split("dense"), device: device),
      LayerNorm(shape: [256], device: device), ReLU(),
      Linear(
        inputFeatures: 256, outputFeatures: 10, isOutput: true,
        generator: generator.split("output"), device: device),
    ]
    return Sequential(layers)
  }
}
