public import Torch

/// How the first value of a weight is drawn.
///
/// With the fans of the tensor, `fanIn` inputs to one output and `fanOut` outputs of one input
/// (both times the kernel's area for a convolution). Uniform draws lie in ±√(3 variance); a
/// truncated normal is cut at two deviations and widened by 1 / 0.87963 to the asked variance.
public enum Initializer: Sendable, Hashable {
  /// PyTorch's default: uniform in ±1/√fanIn, that is `kaiming_uniform_(a=√5)`.
  case uniformFanIn
  /// Variance `2 / ((1 + slope²) fanIn)` (He et al. 2015, equations 10 and 15).
  case he(Distribution, negativeSlope: Double = 0)
  /// Variance `2 / fanOut` (He et al. 2015, section 2.2, of the backward pass): torchvision's for residual networks.
  case heFanOut(Distribution)
  /// Variance `gain² · 2 / (fanIn + fanOut)` (Glorot & Bengio 2010, equations 12 and 16).
  case glorot(Distribution, gain: Double = 1)
  /// Variance `1 / fanIn` (LeCun et al. 1998, section 4.6); truncated, Haiku's default.
  case leCun(Distribution)
  /// Mean zero and the given standard deviation.
  case normal(standardDeviation: Double)
  /// A normal of the given deviation, redrawn until within two deviations, not widened.
  case truncatedNormal(standardDeviation: Double)
  /// Uniform within ± the given bound.
  case uniform(bound: Double)
  /// `gain` times a matrix with orthonormal rows or columns, whichever are fewer; a kernel counts as
  /// (O, everything else) (Saxe et al. 2014).
  case orthogonal(gain: Double = 1)
  /// One value everywhere.
  case constant(Double)

  /// Zero everywhere.
  public static let zeros = Initializer.constant(0)

  /// The distribution that a variance is drawn with.
  public enum Distribution: String, Sendable, Codable {
    case normal, uniform, truncatedNormal
  }

  /// Draws a tensor.
  ///
  /// - Parameters:
  ///   - shape: (O, I) or (O, I, height, width); the fans are read from it.
  ///   - generator: where the draws come from. They are made on its device, in float64 for a float64
  ///     tensor and in float32 otherwise, then converted.
  ///   - dtype: the result's element type.
  ///   - device: where the result goes.
  public func tensor(
    _ shape: [Int], generator: Generator, dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    let area = shape.dropFirst(2).reduce(1, *)
    let fanIn = Double((shape.count > 1 ? shape[1] : shape.first ?? 1) * area)
    let fanOut = Double((shape.first ?? 1) * area)
    let source = Source(shape: shape, generator: generator, dtype: dtype)
    let drawn: Tensor =
      switch self {
      case .uniformFanIn: source.uniform(bound: 1 / fanIn.squareRoot())
      case .he(let distribution, let slope):
        source.draw(distribution, variance: 2 / ((1 + slope * slope) * fanIn))
      case .heFanOut(let distribution): source.draw(distribution, variance: 2 / fanOut)
      case .glorot(let distribution, let gain):
        source.draw(distribution, variance: gain * gain * 2 / (fanIn + fanOut))
      case .leCun(let distribution): source.draw(distribution, variance: 1 / fanIn)
      case .normal(let deviation): source.normal() * deviation
      case .truncatedNormal(let deviation): source.truncatedNormal() * deviation
      case .uniform(let bound): source.uniform(bound: bound)
      case .orthogonal(let gain): source.orthogonal() * gain
      case .constant(let value): Tensor.full(shape, value: .real(value), dtype: source.dtype)
      }
    return drawn.moved(to: device, dtype: dtype)
  }

  /// The bias that goes with a weight of `fanIn` inputs: uniform in ±1/√fanIn for
  /// ``uniformFanIn``, as in PyTorch, and zeros for every other initializer.
  public func bias(
    count: Int, fanIn: Int, generator: Generator, dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    let initializer: Initializer =
      self == .uniformFanIn ? .uniform(bound: 1 / Double(fanIn).squareRoot()) : .zeros
    return initializer.tensor([count], generator: generator, dtype: dtype, device: device)
  }

  /// The standard deviation of a standard normal cut at ±2.
  static let truncatedDeviation = 0.879_625_661_034_239_78
}

/// Raw draws of one shape.
private struct Source {
  let shape: [Int]
  let generator: Generator
  let dtype: DType

  init(shape: [Int], generator: Generator, dtype: DType) {
    self.shape = shape
    self.generator = generator
    self.dtype = dtype == .float64 ? .float64 : .float32
  }

  func draw(_ distribution: Initializer.Distribution, variance: Double) -> Tensor {
    switch distribution {
    case .normal: normal() * variance.squareRoot()
    case .uniform: uniform(bound: (3 * variance).squareRoot())
    case .truncatedNormal:
      truncatedNormal() * (variance.squareRoot() / Initializer.truncatedDeviation)
    }
  }

  func normal() -> Tensor { normal(shape) }

  func normal(_ shape: [Int]) -> Tensor {
    Tensor.normal(shape, generator: generator, dtype: dtype, device: generator.device)
  }

  func uniform(bound: Double) -> Tensor {
    let unit = Tensor.uniform(shape, generator: generator, dtype: dtype, device: generator.device)
    return unit * (2 * bound) - bound
  }

  func truncatedNormal() -> Tensor {
    var value = normal()
    while true {
      let outside = value.absolute().greater(than: .real(2))
      guard outside.any().item != 0 else { return value }
      value = normal().choosing(where: outside, otherwise: value)
    }
  }

  /// QR of a tall normal matrix, with the signs of R's diagonal so that the distribution is uniform.
  func orthogonal() -> Tensor {
    let rows = shape.first ?? 1
    let columns = shape.dropFirst().reduce(1, *)
    let tall = normal([max(rows, columns), min(rows, columns)])
    let (q, r) = tall.orthogonalTriangular()
    let signed = q * r.diagonal().sign()
    return (rows < columns ? signed.transposed() : signed).reshaped(to: shape)
  }
}
