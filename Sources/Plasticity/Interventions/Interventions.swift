/// The rival methods of the package.
public enum Interventions {
  /// Every method, in the order in which they act: the network is rewritten and gradients are changed
  /// from the first to the last, parameters after the update from the last to the first.
  public static let all: [any Intervention.Type] = [
    L2Regularization.self, WeightDecay.self, RateRescaling.self,
  ]

  /// A method with its defaults, by name; `nil` for a name that is none.
  public static func named(_ name: String) -> (any Intervention)? {
    all.first { $0.name == name }.map { $0.init() }
  }

  /// The place of a method in the order.
  static func rank(_ name: String) -> Int? { all.firstIndex { $0.name == name } }
}
