public import Networks

/// The methods of a run: any of them, each at most once, in the order of ``Interventions/all``.
///
/// Encoded as an object with one member a method, `{"redo": {"threshold": 0.025, …}}`, so that each
/// setting has a path of its own and the same methods always give the same text.
public struct InterventionSet: Sendable, Hashable, Codable {
  /// The methods in the order in which they act.
  public private(set) var members: [any Intervention] = []

  /// Methods; of two of one name the later one counts.
  public init(_ members: [any Intervention] = []) {
    for member in members { insert(member) }
  }

  /// Whether there is no method.
  public var isEmpty: Bool { members.isEmpty }

  /// The methods' names in order.
  public var names: [String] { members.map(\.name) }

  /// Whether a method uses knowledge of when the task changes.
  public var knowsBoundaries: Bool { members.contains { $0.knowsBoundaries } }

  /// Adds a method, in place of one of the same name.
  public mutating func insert(_ member: any Intervention) {
    members.removeAll { $0.name == member.name }
    let rank = Interventions.rank(member.name) ?? Interventions.all.count
    let place = members.firstIndex { (Interventions.rank($0.name) ?? Int.max) > rank }
    members.insert(member, at: place ?? members.endIndex)
  }

  /// Checks every method's settings.
  ///
  /// - Throws: ``/Networks/ConfigurationError`` naming the first that cannot be used.
  public func validate() throws(ConfigurationError) {
    for member in members { try member.validate() }
  }

  /// The optimizer that the methods make of the one that a run is configured with, its settings checked.
  ///
  /// - Throws: ``/Networks/ConfigurationError`` naming what cannot be used.
  public func optimizer(
    _ configured: OptimizerConfiguration
  ) throws(ConfigurationError) -> OptimizerConfiguration {
    var result = configured
    for member in members { result = try member.optimizer(result) }
    try result.validate()
    return result
  }

  /// Checks that no two methods exclude one another: of two that replace the nonlinearity only one would be in force.
  ///
  /// Apart from ``validate()``, so that runs that earlier builds stored can be read.
  ///
  /// - Throws: ``/Networks/ConfigurationError`` naming the methods.
  public func requireCompatible() throws(ConfigurationError) {
    let names = members.filter { $0.effects.contains(.nonlinearity) }.map(\.name)
    guard names.count > 1 else { return }
    throw ConfigurationError(
      option: "methods", expected: "at most one that replaces the nonlinearity",
      found: "\(names.joined(separator: " and ")); leave all but one out")
  }

  /// The methods that would find nothing to act on, each with its reason.
  public func idleMethods(on subject: InterventionSubject) -> [IdleMethod] {
    members.compactMap { member in
      member.idleReason(on: subject).map { IdleMethod(method: member.name, reason: $0) }
    }
  }

  /// The methods that cannot work with an optimizer, each with its reason.
  public func methods(refusing optimizer: OptimizerConfiguration) -> [IdleMethod] {
    members.compactMap { member -> IdleMethod? in
      do {
        _ = try member.optimizer(optimizer)
        return nil
      } catch {
        return IdleMethod(method: member.name, reason: "\(error)")
      }
    }
  }

  /// What the methods' settings make of the network, such as `crelu with equal parameters`.
  public var remarks: [String] {
    members.compactMap { member in member.remark.map { "\(member.name) with \($0)" } }
  }

  /// The hooks at their start.
  public func hookChain() -> HookChain { HookChain(members.map { $0.hook() }) }

  /// Whether both hold the same methods with the same settings.
  public static func == (left: InterventionSet, right: InterventionSet) -> Bool {
    left.members.map { AnyHashable($0) } == right.members.map { AnyHashable($0) }
  }

  /// Hashes every method.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(members.map { AnyHashable($0) })
  }

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Writes one member a method.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    for member in members { try container.encode(member, forKey: Name(stringValue: member.name)) }
  }

  /// Reads one member a method.
  ///
  /// - Throws: `DecodingError` for a name that is no method's.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    for key in container.allKeys {
      guard let method = Interventions.named(key.stringValue) else {
        let known = Interventions.all.map { $0.name }.joined(separator: ", ")
        throw DecodingError.dataCorruptedError(
          forKey: key, in: container,
          debugDescription: "there is no method '\(key.stringValue)'; the methods are \(known)")
      }
      let kind: any Intervention.Type = type(of: method)
      insert(try container.decode(kind, forKey: key))
    }
  }
}

extension KeyedDecodingContainer {
  /// No methods when the key is absent: configurations stored before there were any.
  public func decode(
    _ type: InterventionSet.Type, forKey key: Key
  ) throws -> InterventionSet { try decodeIfPresent(type, forKey: key) ?? InterventionSet() }
}

extension KeyedEncodingContainer {
  /// Leaves the key out when there are no methods, so that such a configuration has the same text as
  /// before there were any.
  public mutating func encode(_ value: InterventionSet, forKey key: Key) throws {
    if !value.isEmpty { try encodeIfPresent(value, forKey: key) }
  }
}
