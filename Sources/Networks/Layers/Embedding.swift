public import Torch

/// A table of vectors looked up by index.
///
/// Input int64 (B, …) with values in `0 ..< count` to output (B, …, F); an index outside stops.
public struct Embedding: Layer {
  /// The table (count, F).
  public let weight: Parameter
  /// The table.
  public var parts: [Part] { [.parameter("weight", weight)] }

  /// A new table.
  ///
  /// - Parameters:
  ///   - count: the number of vectors.
  ///   - features: F.
  ///   - initializer: standard normal by default, as in PyTorch.
  ///   - generator: where the draws come from.
  ///   - dtype: the table's element type.
  ///   - device: where the table lives.
  public init(
    count: Int, features: Int, initializer: Initializer = .normal(standardDeviation: 1),
    generator: Generator, dtype: DType = .float32, device: Device = .cpu
  ) {
    weight = Parameter(
      initializer.tensor([count, features], generator: generator, dtype: dtype, device: device),
      role: .embedding)
  }

  /// A given table.
  public init(weight: Parameter) { self.weight = weight }

  /// Indices (B, …) to vectors (B, …, F).
  public func callAsFunction(_ input: Tensor) -> Tensor { weight.value.embeddingLookup(input) }
}
