public import Networks
import Torch

/// Parseval regularization: the rows of hidden weights are pulled towards orthogonality.
///
///     L + λ Σ_W ‖W Wᵀ − s I‖²_F,  so  g ← g + 4 λ (W Wᵀ − s I) W
///
/// over the hidden weights; a kernel counts as (O, everything else). Output weights are left alone.
/// Where a matrix has more rows than columns the penalty cannot vanish. By default s is each weight's own,
/// ‖W(0)‖²_F / O: the squared norm that its rows had when training began, on average. Then the matrix at which a
/// penalty vanishes has the weight's initial norm, which is what the projection restores.
///
/// Source: Chung et al. 2024 (arXiv 2412.07224); in the authors' code (commit 2fd0529) s is the square of the
/// initializer's gain, 2 for rectifiers under the orthogonal initialization that it uses, where it is the initial rows'
/// squared norm. Taking that norm from the weights keeps this meaning for every initialization. The code also scales λ
/// by (64 / width)², left to λ here. λ = 1e-3 is our choice. Their diagonal layers and groups of rows are not built.
public struct ParsevalRegularization: Intervention, Hook {
  public static let name = "parseval"
  public static let summary = "pulls the rows of hidden weights towards orthogonality"
  public static let source = "Chung et al. 2024"

  /// The squared norm that rows are pulled to.
  public enum Scale: Hashable, Sendable {
    /// Each weight's own: the mean of its rows' squared norms when training began.
    case initial
    /// The same for every weight.
    case fixed(Double)
  }

  /// λ.
  public var coefficient = 1e-3
  /// s.
  public var scale = Scale.initial

  public init() {}

  /// With a fixed s hidden norms are pulled to √(s O), wherever they began.
  public var effects: Set<InterventionEffect> { scale == .initial ? [] : [.hiddenNorms] }

  /// λ is at least 0, a fixed s above 0.
  public func validate() throws(ConfigurationError) {
    try requireNotNegative(coefficient, "coefficient")
    guard case .fixed(let value) = scale else { return }
    try requirePositive(value, "scale")
  }

  public func idleReason(on subject: InterventionSubject) -> String? {
    subject.reasonNothingIsHidden(for: Self.name)
  }

  /// The penalty: itself, without state, for a fixed s.
  public func hook() -> any Hook {
    scale == .initial ? InitialParsevalPenalty(configuration: self) : self
  }

  /// Adds 4 λ (W Wᵀ − s I) W to the gradient of every hidden weight.
  public mutating func afterGradients(_ moment: inout TrainingMoment) {
    guard case .fixed(let value) = scale else { return }
    addGradients(to: &moment) { _ in value }
  }

  func addGradients(to moment: inout TrainingMoment, scale: (Int) -> Double) {
    moment.addToGradients(where: { ParameterSelection.hidden.includes($0) }) { weight, index in
      let matrix_OI = weight.reshaped(to: [weight.shape[0], -1])
      let gram_OO = matrix_OI.matrixProduct(matrix_OI.transposed())
      let identity = Tensor.identity(
        weight.shape[0], dtype: weight.dtype, device: weight.device)
      let excess_OO = gram_OO - identity * scale(index)
      return (excess_OO.matrixProduct(matrix_OI) * (4 * coefficient)).reshaped(to: weight.shape)
    }
  }
}

/// ``ParsevalRegularization`` towards the norms that training began with.
struct InitialParsevalPenalty: Hook {
  let configuration: ParsevalRegularization
  var memory = Memory()

  struct Memory: Codable, Sendable, Equatable {
    /// ‖W(0)‖²_F / O of each parameter, in the optimizer's order; 0 for those that are not hidden weights.
    var scales: [Double] = []
  }

  var name: String { ParsevalRegularization.name }

  mutating func begin(_ site: HookSite) {
    memory.scales = site.parameters.map { named in
      let weight = named.parameter
      guard ParameterSelection.hidden.includes(weight) else { return 0 }
      return weight.norm * weight.norm / Double(weight.value.shape[0])
    }
  }

  mutating func afterGradients(_ moment: inout TrainingMoment) {
    let scales = memory.scales
    configuration.addGradients(to: &moment) { scales[$0] }
  }
}

extension ParsevalRegularization.Scale: Codable {
  /// The word of ``initial``.
  static let word = "initial"

  /// Reads `initial`, or a number, which may be written as text.
  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let number = try? value.decode(Double.self) {
      self = .fixed(number)
      return
    }
    let text = try value.decode(String.self)
    if text == Self.word {
      self = .initial
    } else if let number = Double(text) {
      self = .fixed(number)
    } else {
      throw DecodingError.dataCorruptedError(
        in: value, debugDescription: "expected \(Self.word) or a number, found '\(text)'")
    }
  }

  /// Writes `initial`, or the number.
  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .initial: try value.encode(Self.word)
    case .fixed(let number): try value.encode(number)
    }
  }
}

extension ParsevalRegularization.Scale: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// The same for every weight.
  public init(floatLiteral value: Double) { self = .fixed(value) }
  /// The same for every weight.
  public init(integerLiteral value: Int) { self = .fixed(Double(value)) }
}
