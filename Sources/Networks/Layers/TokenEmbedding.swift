public import Torch

/// A layer that reads indices, not numbers: its input is int64.
///
/// What feeds a network examples of its own making, as a look at its shapes does, feeds one that begins with
/// such a layer integers.
public protocol TokenReadingLayer: Layer {}

extension Embedding: TokenReadingLayer {}

/// The sum of a token's vector and its position's: `y_t = E[x_t] + P[t]` (learned absolute positions).
///
/// Input int64 (B, T) with values in `0 ..< vocabulary` and T at most the number of positions, to (B, T, F);
/// an index outside stops.
public struct TokenEmbedding: TokenReadingLayer {
  /// E (vocabulary, F).
  public let tokens: Parameter
  /// P (positions, F).
  public let positions: Parameter

  /// The tokens' table, then the positions'.
  public var parts: [Part] { [.parameter("tokens", tokens), .parameter("positions", positions)] }

  /// New tables.
  ///
  /// - Parameters:
  ///   - vocabulary: the number of different tokens.
  ///   - positions: the largest T.
  ///   - features: F.
  ///   - standardDeviation: both tables are drawn from a normal distribution with it.
  ///   - generator: the root of one generator a table, split by its name.
  ///   - dtype: the tables' element type.
  ///   - device: where the tables live.
  public init(
    vocabulary: Int, positions: Int, features: Int, standardDeviation: Double = 1,
    generator: Generator, dtype: DType = .float32, device: Device = .cpu
  ) {
    func table(_ name: String, _ count: Int) -> Parameter {
      Parameter(
        Initializer.normal(standardDeviation: standardDeviation).tensor(
          [count, features], generator: generator.split(name), dtype: dtype, device: device),
        role: .embedding)
    }
    tokens = table("tokens", vocabulary)
    self.positions = table("positions", positions)
  }

  /// Given tables.
  public init(tokens: Parameter, positions: Parameter) {
    self.tokens = tokens
    self.positions = positions
  }

  /// (B, T) to (B, T, F).
  public func callAsFunction(_ input: Tensor) -> Tensor { vectors(input, from: 0) }

  /// (B, T) to (B, T, F), the first position being `start`.
  func vectors(_ input: Tensor, from start: Int) -> Tensor {
    tokens.value.embeddingLookup(input)
      + positions.value.narrowed(axis: 0, from: start, length: input.shape[1])
  }
}

/// What stands at the last position: (B, T, F) to (B, F).
public struct LastPosition: ReshapingLayer {
  /// A readout.
  public init() {}
  /// (B, T, F) to (B, F).
  public func callAsFunction(_ input: Tensor) -> Tensor { input.selected(axis: 1, at: -1) }
}
