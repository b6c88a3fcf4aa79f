public import Torch

/// An image's positions in one row: (B, F, H, W) to (B, H·W, F).
public struct PositionsInARow: ReshapingLayer {
  /// A layer.
  public init() {}
  /// (B, F, H, W) to (B, H·W, F), row by row.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.flattened(from: 2).transposed(1, 2)
  }
}

/// Learned vectors of positions, added, and one learned vector in front: a vision transformer's class token.
///
/// (B, T, F) to (B, T + 1, F), or to (B, T, F) without the class token. The vectors are `.embedding`s.
public struct PositionEmbedding: Layer {
  /// The vector in front (F), before its position is added; `nil` for none.
  public let classToken: Parameter?
  /// (T + 1, F) or (T, F).
  public let positions: Parameter

  /// The vector in front, where there is one, then the positions.
  public var parts: [Part] {
    Part.optional("class", classToken) + [.parameter("positions", positions)]
  }

  /// New vectors.
  ///
  /// - Parameters:
  ///   - count: T.
  ///   - features: F.
  ///   - hasClassToken: whether a vector stands in front.
  ///   - initializer: draws the positions; the class token is normal with deviation 1e-6, as timm draws it.
  ///   - generator: the root of one generator a parameter, split by its name.
  ///   - dtype: the parameters' element type.
  ///   - device: where the parameters live.
  public init(
    count: Int, features: Int, hasClassToken: Bool, initializer: Initializer, generator: Generator,
    dtype: DType = .float32, device: Device = .cpu
  ) {
    func drawn(_ name: String, _ shape: [Int], _ initializer: Initializer) -> Parameter {
      Parameter(
        initializer.tensor(shape, generator: generator.split(name), dtype: dtype, device: device),
        role: .embedding)
    }
    classToken =
      hasClassToken ? drawn("class", [features], .normal(standardDeviation: 1e-6)) : nil
    positions = drawn("positions", [count + (hasClassToken ? 1 : 0), features], initializer)
  }

  /// A learned table: its scale comes from elsewhere.
  public var scaleEffect: ScaleEffect? { .startsAnew }

  /// (B, T, F) to (B, T + 1, F), or (B, T, F).
  public func callAsFunction(_ input: Tensor) -> Tensor {
    guard let classToken else { return input + positions.value }
    let shape = input.shape
    let first_B1F = classToken.value.expanded(to: [shape[0], 1, shape[2]])
    return Tensor.concatenated([first_B1F, input], axis: 1) + positions.value
  }
}

/// What stands at the first position: (B, T, F) to (B, F).
public struct FirstPosition: ReshapingLayer {
  /// A readout.
  public init() {}
  /// (B, T, F) to (B, F).
  public func callAsFunction(_ input: Tensor) -> Tensor { input.selected(axis: 1, at: 0) }
}

/// The average of all positions: (B, T, F) to (B, F).
public struct PositionMean: ReshapingLayer {
  /// A readout.
  public init() {}
  /// (B, T, F) to (B, F).
  public func callAsFunction(_ input: Tensor) -> Tensor { input.mean(axes: [1]) }
}

/// The output by a table of tokens that the network also reads its input by: `y = x Eᵀ`.
///
/// (…, F) to (…, V). The table keeps its role `.embedding`, and is listed under the first of its two names.
public struct TiedOutput: Layer {
  /// E (V, F).
  public let weight: Parameter
  /// The table.
  public var parts: [Part] { [.parameter("weight", weight)] }

  /// An output by the table of an ``Embedding`` or a ``TokenEmbedding``.
  public init(weight: Parameter) { self.weight = weight }

  /// An output.
  public var scaleEffect: ScaleEffect? { .isOutput }

  /// (…, F) to (…, V).
  public func callAsFunction(_ input: Tensor) -> Tensor { input.linear(weight: weight.value) }
}
