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
      }
    }
  }

  let network: Sequential
  private let parameters: [NamedParameter]
  private var optimizer: any Optimizer
  private let projection: ProjectionState
  private let images_BCHW: Tensor
  private let labels_B: Tensor
  private var updates = 0

  init(_ kind: Kind, projects: Bool, device: Device) throws {
    let generator = Generator(seed: 0)
    network = kind == .mlp ? Self.mlp(generator, device) : Self.cnn(generator, device)
    parameters = network.trainableParameters
    optimizer = try OptimizerConfiguration(learningRate: 1e-4)
      .make(for: parameters.map(\.parameter))
    projection = try ProjectionState(
      NaP(projection: projects ? .hiddenWeights : .none, scaleAndOffset: .free),
      parameters: parameters)
    images_BCHW = Tensor.normal([128, 3, 32, 32], generator: generator.split("images"))
      .moved(to: device)
    unitProbes = Tensor.normal([512, 3, 32, 32], generator: generator.split("units"))
      .moved(to: device)
    labels_B = Tensor.integers(from: 0, to: 10, [128], generator: generator.split("labels"))
      .moved(to: device)
  }

  /// The step's update as diagnostics see it, from the next step on.
  var measuresUpdates = false
  private(set) var update: StepRecord?

  /// The network at this moment, over as many probes as a recording has, 64, and units over 512.
  func subject(_ initial: [String: Tensor], _ reference: DiagnosticReference?) -> DiagnosticSubject
  {
    DiagnosticSubject(
      network: network, probes: images_BCHW[0..<64], labels: labels_B[0..<64],
      unitProbes: unitProbes, initial: initial, reference: reference, update: update,
      generator: Generator(seed: 7))
  }

  private let unitProbes: Tensor

  /// One step; gives the loss, as the peer reads it.
  mutating func step() throws -> Double {
    let loss = network(images_BCHW).crossEntropy(labels_B)
    let gradients = gradients(of: loss, withRespectTo: parameters.map(\.parameter.value))
    let measuring = measuresUpdates ? StepMeasuring(parameters) : nil
    var request = UpdateRequest(
      parameters: parameters.map(\.parameter), gradients: gradients, learningRate: 1e-4,
      isMeasured: measuresUpdates)
    projection.join(&request, update: updates)
    let report = try optimizer.step(request)
    try projection.apply(after: request, update: updates)
    update = report.flatMap {
      measuring?.record($0, gradients: gradients, learningRate: 1e-4, optimizer)
    }
    updates += 1
    return loss.item
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
