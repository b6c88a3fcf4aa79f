import Texts
public import Torch

/// The complete state of a run at one update: tensors, and small values as JSON text.
public struct Snapshot {
  /// Tensors by unique names, in order.
  public var tensors: [(name: String, tensor: Tensor)]
  /// Counters, positions and sums by name.
  public var values: [String: String]
  /// Names of tensors without which the run cannot continue once they hold NaN or an infinity.
  public var mustBeFinite: Set<String> = []

  /// A snapshot; see the properties.
  public init(tensors: [(name: String, tensor: Tensor)] = [], values: [String: String] = [:]) {
    self.tensors = tensors
    self.values = values
  }

  /// Whether the state was saved before it was evaluated, which is then the first thing to do.
  public var owesEvaluation: Bool {
    get { values["evaluation"] == "\"owed\"" }
    set { values["evaluation"] = newValue ? "\"owed\"" : nil }
  }

  /// Adds tensors under `prefix.`.
  ///
  /// - Parameter mustBeFinite: see ``Snapshot/mustBeFinite``.
  public mutating func add(
    _ prefix: String, _ tensors: [(name: String, tensor: Tensor)], mustBeFinite: Bool = false
  ) {
    for (name, tensor) in tensors {
      self.tensors.append(("\(prefix).\(name)", tensor))
      if mustBeFinite { self.mustBeFinite.insert("\(prefix).\(name)") }
    }
  }

  /// The first tensor that must be finite and is not. Cost: one pass over these tensors.
  public var firstNotFinite: String? {
    tensors.first { name, tensor in
      mustBeFinite.contains(name) && tensor.dtype.isFloatingPoint
        && !withoutGradients { tensor.isFinite().all().item == 1 }
    }?.name
  }

  /// Adds a value as JSON. Finite doubles come back with the same bits.
  public mutating func add(_ name: String, _ value: some Encodable) throws {
    values[name] = try JSONText.encode(value)
  }

  /// The tensors under `prefix.`, without it.
  public func tensors(_ prefix: String) -> [String: Tensor] {
    Dictionary(
      tensors.compactMap { name, tensor in
        name.hasPrefix(prefix + ".") ? (String(name.dropFirst(prefix.count + 1)), tensor) : nil
      }, uniquingKeysWith: { first, _ in first })
  }

  /// A value from its JSON.
  ///
  /// - Throws: ``SnapshotError`` when it is missing or of another form.
  public func value<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
    guard let text = values[name] else { throw SnapshotError("it has no '\(name)'") }
    do {
      return try JSONText.decode(type, from: text)
    } catch {
      throw SnapshotError("its '\(name)' is \(Excerpt.of(text, atMost: 60)), not a \(type)")
    }
  }
}

/// What kept a sound snapshot from being restored and is no fault of it, such as an environment that cannot be opened
/// or a damaged file beside it: ``cause`` says itself what to do.
package struct OutsideSnapshotError: Error, CustomStringConvertible {
  package let cause: any Error
  package var description: String { "\(cause)" }

  /// Marks what `body` throws as no fault of the snapshot.
  package static func marked<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch { throw OutsideSnapshotError(cause: error) }
  }
}

/// A snapshot that does not fit the run it is to restore.
public struct SnapshotError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What does not fit.
  public let reason: String

  /// An error with its reason.
  public init(_ reason: String) { self.reason = reason }

  /// The reason.
  public var description: String { "the saved state does not fit this run: \(reason)" }
}
