import Networks

/// A method that replaces the nonlinearity by one with two features a unit, and its settings for the widths around it.
public protocol FeatureDoubling: Intervention {
  /// Whether layers have so many units that the network has as many parameters as before.
  var equalParameters: Bool { get }
  /// Whether, without that, layers have half the units.
  var keepsWidth: Bool { get }
}

extension FeatureDoubling {
  /// Another nonlinearity.
  public var effects: Set<InterventionEffect> { [.nonlinearity] }

  /// There is work where the network has a nonlinearity.
  public func idleReason(on subject: InterventionSubject) -> String? {
    subject.reasonNothingIsNonlinear(for: Self.name)
  }

  /// How the widths came out.
  public var remark: String? {
    switch rule {
    case .parameters: "equal parameters"
    case .features: "half the units"
    case .units: "twice the inputs"
    }
  }

  /// What becomes of the widths.
  var rule: WidthRule { equalParameters ? .parameters : keepsWidth ? .features : .units }
}
