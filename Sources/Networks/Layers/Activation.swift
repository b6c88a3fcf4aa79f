public import Torch

/// A nonlinearity, applied to each element.
///
/// Conforming says what the layer is: a normalization belongs in front of it, and its outputs are
/// what dead units are counted in.
public protocol Activation: Layer {
  /// Whether `f(c x) = c f(x)` for every `c > 0`, so that a scale passes through.
  var isPositivelyHomogeneous: Bool { get }

  /// Output features for each input feature: 2 for ``CReLU`` and ``FourierFeatures``, 1 for all others.
  /// Feature f of the input gives features f, f + F, … of the output.
  var featureFactor: Int { get }
}

extension Activation {
  /// Nothing: a nonlinearity holds no parameters.
  public var parts: [Part] { [] }
  /// One.
  public var featureFactor: Int { 1 }
}

/// `max(x, 0)`.
public struct ReLU: Activation, RectifierLayer {
  public var isPositivelyHomogeneous: Bool { true }
  /// Zero.
  public var negativeSlope: Double { 0 }
  /// A rectifier.
  public init() {}
  /// Elementwise, any shape.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.relu() }
}

/// `x` above zero and `slope · x` below.
public struct LeakyReLU: Activation, RectifierLayer {
  public let negativeSlope: Double
  public var isPositivelyHomogeneous: Bool { true }
  /// A leaky rectifier; PyTorch's default slope is 0.01.
  public init(negativeSlope: Double = 0.01) { self.negativeSlope = negativeSlope }
  /// Elementwise, any shape.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.leakyRelu(slope: .real(negativeSlope))
  }
}

/// `x Φ(x)` with the normal distribution's Φ (Hendrycks & Gimpel 2016), exact or by tanh.
public struct GELU: Activation {
  /// Whether Φ is approximated by `½(1 + tanh(√(2/π)(x + 0.044715 x³)))`.
  public let isApproximate: Bool
  public var isPositivelyHomogeneous: Bool { false }
  /// A GELU; exact unless told otherwise.
  public init(isApproximate: Bool = false) { self.isApproximate = isApproximate }
  /// Elementwise, any shape.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.gelu(approximate: isApproximate ? "tanh" : "none")
  }
}

/// `x / (1 + e⁻ˣ)`, also called swish.
public struct SiLU: Activation {
  public var isPositivelyHomogeneous: Bool { false }
  /// A SiLU.
  public init() {}
  /// Elementwise, any shape.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.silu() }
}

/// The hyperbolic tangent.
public struct Tanh: Activation {
  public var isPositivelyHomogeneous: Bool { false }
  /// A hyperbolic tangent.
  public init() {}
  /// Elementwise, any shape.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.tanh() }
}

/// `[max(x, 0), max(−x, 0)]` along the feature axis, which doubles (Shang et al. 2016; for lasting
/// plasticity Abbas et al. 2023). One of the two halves of a unit always passes the gradient.
///
/// Input (B, F, …) to output (B, 2F, …).
public struct CReLU: Activation {
  public var isPositivelyHomogeneous: Bool { true }
  public var featureFactor: Int { 2 }
  /// A concatenated rectifier.
  public init() {}
  /// Joins along axis 1: features of (B, F), channels of (B, C, H, W).
  public func callAsFunction(_ input: Tensor) -> Tensor {
    Tensor.concatenated([input.relu(), input.negated().relu()], axis: 1)
  }
}

/// `[sin x, cos x]` along the feature axis, which doubles: deep Fourier features (Lewandowski et al.
/// 2024, arXiv 2410.20634). Where the one's derivative vanishes the other's is ±1.
///
/// Input (B, F, …) to output (B, 2F, …).
public struct FourierFeatures: Activation {
  public var isPositivelyHomogeneous: Bool { false }
  public var featureFactor: Int { 2 }
  /// A sine and a cosine.
  public init() {}
  /// Joins along axis 1: features of (B, F), channels of (B, C, H, W).
  public func callAsFunction(_ input: Tensor) -> Tensor {
    Tensor.concatenated([input.sine(), input.cosine()], axis: 1)
  }
}

/// The input itself: a linear network in the place of a nonlinear one.
public struct Identity: Activation {
  public var isPositivelyHomogeneous: Bool { true }
  /// An identity.
  public init() {}
  /// The input.
  public func callAsFunction(_ input: Tensor) -> Tensor { input }
}

/// The nonlinearities by name, for configurations.
public enum ActivationKind: String, Sendable, Codable, CaseIterable {
  case relu, leakyRelu, gelu, silu, tanh, crelu, fourier, identity

  /// The layer with its defaults.
  public func make() -> any Activation {
    switch self {
    case .relu: ReLU()
    case .leakyRelu: LeakyReLU()
    case .gelu: GELU()
    case .silu: SiLU()
    case .tanh: Tanh()
    case .crelu: CReLU()
    case .fourier: FourierFeatures()
    case .identity: Identity()
    }
  }
}
