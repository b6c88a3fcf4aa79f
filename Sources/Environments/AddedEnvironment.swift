import Torch

/// An environment that a program adds: its name, and how one is made.
public struct AddedEnvironment: Sendable {
  /// The name on the command line, such as `maze`.
  public var name: String
  /// Two returns that make its returns comparable with others': a random player's, and a reference player's; scores are
  /// not recorded without.
  public var returns: (random: Double, reference: Double)?
  /// Makes one from a seed, in the place of a sequence of environments that it stands at.
  public var make: @Sendable (_ seed: UInt64, _ task: Int) throws -> any Environment

  /// An environment; see the properties.
  public init(
    _ name: String, returns: (random: Double, reference: Double)? = nil,
    make: @escaping @Sendable (_ seed: UInt64, _ task: Int) throws -> any Environment
  ) {
    self.name = name
    self.returns = returns
    self.make = make
  }

  /// Those that the program added.
  package static var all: [AddedEnvironment] { registry.all }

  static let registry = Registry<AddedEnvironment>("environment") { $0.name }

  /// Makes an environment known under its name. Before anything else asks for environments.
  ///
  /// - Throws: `RegistryError` for a name that is taken or cannot be one, and ``EnvironmentError`` for one of the
  ///   package's own.
  public static func add(_ environment: AddedEnvironment) throws {
    guard !EnvironmentName.kinds.contains(where: { $0.kind == environment.name.lowercased() })
    else {
      throw EnvironmentError(
        environment.name, "the package has an environment of this name; give the added one another")
    }
    try registry.add(environment)
  }
}
