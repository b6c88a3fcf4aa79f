public import Torch

/// `φ(G x) ⊙ U x`: features of which other ones say how much passes (Shazeer 2020; with SiLU for φ, SwiGLU).
///
/// Input (…, F) to (…, E). A normalization in front of φ makes G scale-invariant. U multiplies what passes, so that its
/// scale is that of the output: its role is `.residualOutput`.
public struct GatedLinearUnit: BranchedLayer {
  /// φ(G x).
  public let gate: Sequential
  /// U x.
  public let up: Sequential

  /// A unit of two branches of equal width.
  public init(gate: Sequential, up: Sequential) {
    self.gate = gate
    self.up = up
  }

  /// `gate`, then `up`.
  public var branches: [(name: String, sequence: Sequential)] { [("gate", gate), ("up", up)] }

  public var passesInputOn: Bool { false }

  /// The product.
  public func joined(_ outputs: [Tensor], input: Tensor) -> Tensor { outputs[0] * outputs[1] }

  /// The same unit around other sequences.
  public func replacing(branches: [Sequential]) -> GatedLinearUnit {
    GatedLinearUnit(gate: branches[0], up: branches[1])
  }
}

/// `max(x, 0)²` (So et al. 2021).
public struct SquaredReLU: Activation {
  /// False: `f(c x) = c² f(x)`.
  public var isPositivelyHomogeneous: Bool { false }
  /// A squared rectifier.
  public init() {}
  /// Elementwise, any shape.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.relu().squared() }
}
