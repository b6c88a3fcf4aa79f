public import Networks

/// What methods are to act on: a network as it is trained, and for how long.
public struct InterventionSubject {
  /// The network, rewritten by the methods and with its normalizations.
  public let network: any Module
  /// The number of tasks of the run; `nil` where it is not known.
  public let taskCount: Int?
  /// The updates of the whole run; `nil` where they are not known.
  public let updateCount: Int?

  /// A subject; see the properties.
  public init(network: any Module, taskCount: Int? = nil, updateCount: Int? = nil) {
    self.network = network
    self.taskCount = taskCount
    self.updateCount = updateCount
  }

  /// The parameters that training changes.
  var parameters: [Parameter] { network.parameters.filter(\.isTrainable) }

  /// Why a method that acts on a selection would find no parameter.
  func reasonNothingIs(in selection: ParameterSelection, of method: String) -> String? {
    guard !parameters.contains(where: selection.includes) else { return nil }
    return "this network has no parameter of the kind \(selection.rawValue); "
      + "set methods.\(method).parameters to another, or leave \(method) out"
  }

  /// Why a method that acts on hidden weights would find none.
  func reasonNothingIsHidden(for method: String) -> String? {
    guard !parameters.contains(where: ParameterSelection.hidden.includes) else { return nil }
    return "this network has no hidden weight; add a hidden layer, or leave \(method) out"
  }

  /// Why a method that first acts after so many updates would not come to it.
  func reasonTooShort(for method: String, first: Int, key: String) -> String? {
    guard let updateCount, updateCount < first else { return nil }
    return "it first acts after \(first) updates and the run has \(updateCount); "
      + "lower methods.\(method).\(key), train longer, or leave \(method) out"
  }

  /// Why a method that replaces nonlinearities would find none.
  func reasonNothingIsNonlinear(for method: String) -> String? {
    let leaves = (network as? Sequential)?.leaves
    guard let leaves, !leaves.contains(where: { $0.layer is any Activation }) else { return nil }
    return "this network has no nonlinearity; add a hidden layer, or leave \(method) out"
  }
}

/// A method that would find nothing to act on.
public struct IdleMethod: Sendable, Hashable, CustomStringConvertible {
  /// The method's name.
  public let method: String
  /// Why, and what to do, without the method's name in front.
  public let reason: String

  /// A method with its reason.
  public init(method: String, reason: String) {
    self.method = method
    self.reason = reason
  }

  /// `method: reason`.
  public var description: String { "\(method): \(reason)" }
}
