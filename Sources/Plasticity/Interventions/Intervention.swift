public import Networks
public import Torch

/// A baseline method as a configuration: what a run stores, and what makes the ``/Networks/Hook`` that acts.
///
/// Every setting has a default. One that the source gives is marked with it in the setting's comment;
/// every other one is our choice.
public protocol Intervention: Codable, Hashable, Sendable {
  /// The name on the command line and in stored runs, such as `redo`.
  static var name: String { get }
  /// One line for `nap list`.
  static var summary: String { get }
  /// Authors, year and place in the paper.
  static var source: String { get }
  /// Where an added method stands among ``Interventions/all``, and so when it acts beside others. Last unless given: it
  /// changes gradients after all others, right before the optimizer, and parameters before all others, right after it.
  static var place: RegistryPlace { get }

  /// The method with its defaults.
  init()

  /// Whether the method, so configured, uses knowledge of when the task changes; reports label it.
  var knowsBoundaries: Bool { get }

  /// What the method does to the network, so that redundant combinations can be warned of.
  var effects: Set<InterventionEffect> { get }

  /// Checks every setting.
  ///
  /// - Throws: ``/Networks/ConfigurationError`` naming the first that cannot be used, as `methods.NAME.KEY`.
  func validate() throws(ConfigurationError)

  /// The optimizer that the method makes of the one that a run is configured with.
  ///
  /// - Throws: ``/Networks/ConfigurationError`` for an optimizer that the method cannot work with.
  func optimizer(
    _ configured: OptimizerConfiguration
  ) throws(ConfigurationError) -> OptimizerConfiguration

  /// Why the method would do nothing to what it is to act on, with what to do; `nil` where it finds work.
  ///
  /// One sentence without a full stop and without the method's name in front. Asked before a new run begins, so that no
  /// run is reported as the result of a method that never acted; what a method cannot run without is an error of its
  /// hook.
  func idleReason(on subject: InterventionSubject) -> String?

  /// What the settings make of the network, for whoever compares arms, such as `equal parameters`; `nil` where
  /// nothing needs saying.
  var remark: String? { get }

  /// The acting part, at its start.
  func hook() -> any Hook
}

/// What a method does that another, or the projection, may undo or repeat.
public enum InterventionEffect: Sendable, Hashable {
  /// Changes the norms of hidden weights, which the projection restores.
  case hiddenNorms
  /// Replaces the nonlinearity, which one method at most may do.
  case nonlinearity
  /// Moves or fixes the norms of output weights.
  case outputNorms
  /// Limits the singular values or the rows of weights, so their norm hardly moves.
  case constrainedWeights
}

extension Intervention {
  /// The name on the command line and in stored runs.
  public var name: String { Self.name }
  /// Last.
  public static var place: RegistryPlace { .last }
  /// False.
  public var knowsBoundaries: Bool { false }
  /// None.
  public var effects: Set<InterventionEffect> { [] }
  /// Nothing to check.
  public func validate() throws(ConfigurationError) {}
  /// There is work.
  public func idleReason(on subject: InterventionSubject) -> String? { nil }
  /// Nothing to say.
  public var remark: String? { nil }

  /// The optimizer as it is.
  public func optimizer(
    _ configured: OptimizerConfiguration
  ) throws(ConfigurationError) -> OptimizerConfiguration { configured }

  /// Throws a ``/Networks/ConfigurationError`` for `methods.NAME.key` unless `condition` holds.
  func require(
    _ condition: Bool, _ key: String, _ expected: String, _ found: some CustomStringConvertible
  ) throws(ConfigurationError) {
    guard !condition else { return }
    throw ConfigurationError(
      option: "methods.\(Self.name).\(key)", expected: expected, found: "\(found)")
  }

  /// Throws unless a coefficient is a number from 0 to the largest that settings take.
  func requireNotNegative(_ value: Double, _ key: String) throws(ConfigurationError) {
    try ConfigurationError.requireNumber(value, "methods.\(Self.name).\(key)")
  }

  /// Throws unless a number is above 0 and at most the largest that settings take.
  func requirePositive(_ value: Double, _ key: String) throws(ConfigurationError) {
    try ConfigurationError.requireNumber(value, "methods.\(Self.name).\(key)", isOpen: true)
  }

  /// Throws unless a count lies in a range; the largest is that of all settings unless given.
  func requireCount(
    _ value: Int, _ key: String, from least: Int, to most: Int = ConfigurationError.largestCount
  ) throws(ConfigurationError) {
    try ConfigurationError.requireCount(
      value, "methods.\(Self.name).\(key)", from: least, to: most)
  }
}

/// A network that lacks what a method needs, or a method at a place that it does not fit.
public struct InterventionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One sentence: the method, what it needs, what was found, what to do.
  public let description: String

  /// An error with its sentence.
  public init(_ description: String) { self.description = description }

  /// The network as a sequence of layers.
  ///
  /// - Throws: naming the method, when the network is of another form.
  static func sequential(
    _ network: any Module, for method: String
  ) throws(InterventionError) -> Sequential {
    guard let sequence = network as? Sequential else {
      throw InterventionError(
        "\(method) needs a network that is a Sequential of known layers, and this one is a "
          + "\(type(of: network)); train it without \(method)")
    }
    return sequence
  }
}
