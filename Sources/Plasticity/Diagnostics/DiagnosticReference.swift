import Networks
public import Torch

/// What changes of activations and features are measured from: a network's response to the probes at
/// an earlier moment.
public struct DiagnosticReference {
  /// For each nonlinearity, which pre-activations were above zero: bool tensors of their shapes.
  public var patterns: [(name: String, tensor: Tensor)]
  /// `fᵀf / ‖f‖²`, (N, N) float64; `nil` where the features were zero or not finite.
  public var kernel: Tensor?

  /// The response at a subject's moment.
  ///
  /// Cost: a forward pass over the probes, shared with the subject's measures.
  public init(_ subject: DiagnosticSubject) {
    (patterns, kernel) = withoutGradients {
      (
        subject.trace.activations.map { ($0.name, $0.input.detached().greater(than: 0)) },
        subject.trace.features.flatMap(Self.kernel)
      )
    }
  }

  /// A response that was saved as ``namedTensors``; `nil` for anything else.
  public init?(restoring tensors: [String: Tensor]) {
    let prefix = "pattern."
    var patterns: [(name: String, tensor: Tensor)] = []
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) where name != "kernel" {
      guard name.hasPrefix(prefix), tensor.dtype == .bool else { return nil }
      patterns.append((String(name.dropFirst(prefix.count)), tensor))
    }
    let kernel = tensors["kernel"]
    guard !tensors.isEmpty, kernel.map({ $0.dtype == .float64 && $0.dimensionCount == 2 }) ?? true
    else { return nil }
    (self.patterns, self.kernel) = (patterns, kernel)
  }

  /// Everything, to be saved.
  public var namedTensors: [(name: String, tensor: Tensor)] {
    patterns.map { ("pattern.\($0.name)", $0.tensor) } + (kernel.map { [("kernel", $0)] } ?? [])
  }

  /// `fᵀf / ‖f‖²` for features (N, F), an example a column of f.
  static func kernel(_ features_NF: Tensor) -> Tensor? {
    let exact_NF = features_NF.converted(to: .float64)
    let norm = exact_NF.vectorNorm().item
    guard norm > 0, norm.isFinite else { return nil }
    return exact_NF.matrixProduct(exact_NF.transposed()) / (norm * norm)
  }
}
