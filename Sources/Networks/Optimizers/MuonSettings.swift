/// What Muon does to the gradients of a hidden matrix.
public struct MuonSettings: Sendable, Hashable, Codable {
  /// μ, in [0, 1).
  public var momentum = 0.95
  /// Whether the update looks ahead along the momentum.
  public var nesterov = true
  /// Newton and Schulz's iterations.
  public var iterations = 5
  /// The size of an update by the matrix's shape.
  public var scale = MuonScale.original

  /// The source's: momentum 0.95 with Nesterov's step, five iterations.
  public init() {}
}

/// What MuonH does to the gradients of a hidden matrix: Muon's direction. The update's norm is fixed, so it has no
/// scale.
public struct MuonDirectionSettings: Sendable, Hashable, Codable {
  /// μ, in [0, 1).
  public var momentum = 0.95
  /// Whether the update looks ahead along the momentum.
  public var nesterov = true
  /// Newton and Schulz's iterations.
  public var iterations = 5

  /// The source's: momentum 0.95 with Nesterov's step, five iterations.
  public init() {}

  /// As Muon takes them.
  package var settings: MuonSettings {
    get {
      var all = MuonSettings()
      (all.momentum, all.nesterov, all.iterations) = (momentum, nesterov, iterations)
      return all
    }
    set {
      (momentum, nesterov, iterations) = (newValue.momentum, newValue.nesterov, newValue.iterations)
    }
  }
}

/// The factor of an orthogonal update of a matrix.
public enum MuonScale: String, Sendable, Hashable, Codable, CaseIterable {
  /// √max(1, rows / columns), KellerJordan/Muon.
  case original
  /// 0.2 √max(rows, columns): the root mean square of AdamW's usual updates, whose rates then serve (Liu et al. 2025,
  /// arXiv 2502.16982, section 2.2).
  case matchAdamW
  /// 1.
  case none

  /// The factor for a matrix of that shape.
  public func factor(rows: Int, columns: Int) -> Double {
    switch self {
    case .original: max(1, Double(rows) / Double(columns)).squareRoot()
    case .matchAdamW: 0.2 * Double(max(rows, columns)).squareRoot()
    case .none: 1
    }
  }
}
