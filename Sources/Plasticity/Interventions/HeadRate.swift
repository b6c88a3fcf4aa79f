public import Networks

/// A learning rate of its own for the output layer: the run's, times a factor.
///
///     W ← W + k η u(g)     for weights and biases of output layers; every other parameter has k = 1
///
/// Task-blind. A decoupled decay of the optimizer is a share of the rate and grows with it; `weight-decay` and
/// `head-decay` take the run's own rate.
///
/// Source: our choice, from a pilot in which a faster head helped and a head held back harmed. See
/// `UpdateRequest.rateFactors`.
public struct HeadRate: Intervention {
  public static let name = "head-rate"
  public static let summary = "multiplies the learning rate of the output layer"
  public static let source = "our choice"

  /// k.
  public var factor = 3.0

  public init() {}

  /// k is at least 0.
  public func validate() throws(ConfigurationError) { try requireNotNegative(factor, "factor") }

  public func hook() -> any Hook { HeadRateFactor(factor: factor) }
}

/// ``HeadRate`` at work.
struct HeadRateFactor: Hook {
  let factor: Double
  private(set) var places = OutputPlaces()

  var name: String { HeadRate.name }

  mutating func begin(_ site: HookSite) throws {
    places = try OutputPlaces(site, for: name)
  }

  func rateFactors(of parameters: [NamedParameter]) -> [Double] {
    var factors = [Double](repeating: 1, count: parameters.count)
    for place in places.all { factors[place] = factor }
    return factors
  }
}
