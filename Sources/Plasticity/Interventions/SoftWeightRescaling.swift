public import Networks
import Torch

/// Soft weight rescaling: after every update each layer is scaled a small part of the way back to its initial norm, in
/// a way that leaves the network's decisions as they are.
///
///     c_l = (λ ‖W_l(0)‖ + (1 − λ) ‖W_l‖) / ‖W_l‖
///     W_l ← c_l W_l        b_l ← (c_k ⋯ c_l) b_l
///
/// with k the normalization before layer l, or the first layer where there is none. Scaling the bias by the product of
/// the factors so far makes the network, where its nonlinearities are positively homogeneous, a multiple of what it
/// was; a normalization removes what comes to it, so the product starts again there. The scale and offset of a
/// normalization are a W and b like others.
///
/// Source: Oh et al. 2025 (arXiv 2507.04683), algorithm 1, theorem 1; λ for the output layer and for all others apart,
/// as in its experiments, which swept both over 1 to 1e-4. Deviations: the printed algorithm gives biases before the
/// last normalization their own layer's factor alone, and that normalization's offset also the factor of the layer
/// before it, with which the network is no multiple of what it was; where layers in front of normalizations have no
/// bias, as it assumes, the first of these agrees with ours. Norms are taken over all matrices of a layer together (a
/// noisy layer has two). Where branches are added, no single factor per layer keeps the function: the product starts
/// again in each branch and behind it. Inside layers that are neither weighted nor normalizations each weight is scaled
/// alone and biases stay. A layer of norm 0 stays.
public struct SoftWeightRescaling: Intervention {
  public static let name = "soft-weight-rescaling"
  public static let summary =
    "scales each layer a part of the way back to its initial norm after every update"
  public static let source = "Oh et al. 2025, algorithm 1"

  /// λ of all layers but the output.
  public var coefficient = 1e-3
  /// λ of the output layer.
  public var outputCoefficient = 1e-3

  public init() {}

  /// Hidden norms are pulled to the initial ones.
  public var effects: Set<InterventionEffect> { [.hiddenNorms] }

  /// Both λ lie within 0 and 1.
  public func validate() throws(ConfigurationError) {
    try require(
      coefficient >= 0 && coefficient <= 1, "coefficient", "within 0 and 1", coefficient)
    try require(
      outputCoefficient >= 0 && outputCoefficient <= 1, "outputCoefficient", "within 0 and 1",
      outputCoefficient)
  }

  public func hook() -> any Hook { SoftRescaler(configuration: self) }
}

/// ``SoftWeightRescaling`` at work.
struct SoftRescaler: Hook {
  let configuration: SoftWeightRescaling
  var memory = Memory()
  private(set) var stages: [RescaledStage] = []

  struct Memory: Codable, Sendable, Equatable {
    /// ‖W_l(0)‖ of each stage, in the order in which they run.
    var initialNorms: [Double] = []
  }

  var name: String { SoftWeightRescaling.name }
  var changesParameters: Bool { true }

  mutating func begin(_ site: HookSite) {
    stages = RescaledStage.stages(of: site.network)
    memory.initialNorms = withoutGradients { stages.map(\.norm.item) }
  }

  mutating func afterUpdate(_ moment: inout TrainingMoment) {
    var product: Tensor?
    var branch: [Int] = []
    withoutGradients {
      for (index, stage) in stages.enumerated() {
        let factor = factor(stage, memory.initialNorms[index])
        if stage.branch != branch || stage.kind == .normalization { product = nil }
        branch = stage.branch
        let joint = product.map { $0 * factor } ?? factor
        product = joint
        stage.scale(by: factor, biases: joint)
      }
    }
  }

  private func factor(_ stage: RescaledStage, _ initial: Double) -> Tensor {
    let share =
      stage.kind == .output ? configuration.outputCoefficient : configuration.coefficient
    let norm = stage.norm
    let factor = Tensor.full(
      [], value: .real(share * initial), dtype: .float64, device: norm.device)
    return (factor / norm + (1 - share)).filled(where: norm.lessOrEqual(to: .real(0)), with: 1)
  }
}

/// A layer as soft weight rescaling sees it: what counts as its W and its b.
struct RescaledStage {
  enum Kind { case hidden, output, normalization }

  let kind: Kind
  let weights: [Parameter]
  let biases: [Parameter]
  /// The path of the branch that it stands in; empty outside.
  let branch: [Int]

  /// ‖W‖; 0 without one.
  /// A float64 scalar where the weights are.
  var norm: Tensor {
    let squares = weights.map {
      $0.value.detached().vectorNorm(dtype: .float64).squared()
    }
    return (squares.dropFirst().reduce(squares.first ?? Tensor(0, dtype: .float64), +)).squareRoot()
  }

  /// Scales what may change.
  func scale(by factor: Tensor, biases product: Tensor) {
    for (parameters, factor) in [(weights, factor), (biases, product)] {
      for parameter in parameters where parameter.isTrainable {
        _ = parameter.value.detached().multiplyInPlace(by: factor)
      }
    }
  }

  /// The stages of a network in the order in which they run; of one whose order is not known each weight on its own.
  static func stages(of network: any Module) -> [RescaledStage] {
    guard let sequence = network as? Sequential else {
      return alone(network.parameters, branch: [])
    }
    return sequence.leaves.flatMap { leaf -> [RescaledStage] in
      let layer = leaf.layer
      switch layer {
      case let weighted as any WeightedLayer:
        let matrices = weighted.parameters.filter { $0.value.dimensionCount > 1 }
        return [
          RescaledStage(
            kind: weighted.isOutput ? .output : .hidden, weights: matrices,
            biases: weighted.parameters.filter { $0.value.dimensionCount == 1 },
            branch: leaf.branch)
        ]
      case is any FeatureNormalization, is BatchNorm2D, is GroupNorm:
        return [
          RescaledStage(
            kind: .normalization, weights: layer.parameters.filter { $0.role == .scale },
            biases: layer.parameters.filter { $0.role == .offset }, branch: leaf.branch)
        ]
      default: return alone(layer.parameters, branch: leaf.branch)
      }
    }
  }

  private static func alone(_ parameters: [Parameter], branch: [Int]) -> [RescaledStage] {
    parameters.filter { ParameterSelection.weights.includes($0) }.map {
      RescaledStage(
        kind: $0.role == .output ? .output : .hidden, weights: [$0], biases: [], branch: branch)
    }
  }
}
