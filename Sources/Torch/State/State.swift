public import Foundation
import Texts

/// What something needs to continue bit for bit: tensors, small values as JSON text, and parts of the same kind.
///
/// A part's names stand under its own, joined by a dot, which is how a checkpoint's file has them:
/// `network.hidden0.weight` is the tensor `hidden0.weight` of the part `network`. A part's tensor or value without a
/// name stands under the name of the part.
public struct State {
  /// Tensors by unique names, in order. They share storage with what is at work.
  public var tensors: [(name: String, tensor: Tensor)]
  /// Counters, positions and sums by name.
  public var values: [String: String]
  /// Names of tensors without which training cannot continue once they hold NaN or an infinity.
  public var mustBeFinite: Set<String> = []
  /// Where the parts lie that are too large for a checkpoint; `nil` for a state that has none or was not read from a
  /// file.
  public var folder: URL?

  /// A state; see the properties.
  public init(tensors: [(name: String, tensor: Tensor)] = [], values: [String: String] = [:]) {
    self.tensors = tensors
    self.values = values
  }

  /// The state of one object.
  public init(of object: some Stateful) throws {
    self.init()
    try object.save(into: &self)
  }

  /// The tensors by their names.
  public var tensorsByName: [String: Tensor] {
    Dictionary(tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
  }

  /// The same in storage of its own.
  public func copied() -> State {
    var copy = self
    copy.tensors = tensors.map { ($0.name, $0.tensor.cloned()) }
    return copy
  }

  /// Adds tensors of a part.
  ///
  /// - Parameter mustBeFinite: see ``State/mustBeFinite``.
  public mutating func add(
    _ part: String, _ tensors: [(name: String, tensor: Tensor)], mustBeFinite: Bool = false
  ) {
    for (name, tensor) in tensors {
      self.tensors.append((Self.joined(part, name), tensor))
      if mustBeFinite { self.mustBeFinite.insert(Self.joined(part, name)) }
    }
  }

  /// Adds a part.
  public mutating func add(_ part: String, _ state: State) {
    add(part, state.tensors)
    for (name, value) in state.values { values[Self.joined(part, name)] = value }
    mustBeFinite.formUnion(state.mustBeFinite.map { Self.joined(part, $0) })
  }

  /// Adds an object as a part.
  public mutating func add(_ part: String, _ object: some Stateful) throws {
    add(part, try State(of: object))
  }

  /// Adds a value as JSON. Doubles come back with the same bits.
  public mutating func add(_ name: String, _ value: some Encodable) throws {
    values[name] = try JSONText.encode(value)
  }

  /// What was added as a part; empty when nothing was.
  public func part(_ part: String) -> State {
    func own(_ name: String) -> String? {
      guard name != part else { return "" }
      return name.hasPrefix(part + ".") ? String(name.dropFirst(part.count + 1)) : nil
    }
    var state = State(
      tensors: tensors.compactMap { name, tensor in own(name).map { ($0, tensor) } })
    for (name, value) in values {
      if let name = own(name) { state.values[name] = value }
    }
    state.mustBeFinite = Set(mustBeFinite.compactMap(own))
    state.folder = folder
    return state
  }

  /// Puts a part's tensors in the place of those of the same names of another.
  ///
  /// - Throws: ``StateError`` where there is no such part.
  public mutating func put(_ part: String, inPlaceOf other: String) throws(StateError) {
    let found = self.part(part).tensorsByName
    guard !found.isEmpty else { throw StateError("it has no '\(part)'") }
    let replaced = Dictionary(
      uniqueKeysWithValues: found.map { (Self.joined(other, $0), $1) })
    tensors = tensors.map { ($0, replaced[$0] ?? $1) }
  }

  /// A tensor.
  ///
  /// - Throws: ``StateError`` when it is missing.
  public func tensor(_ name: String) throws(StateError) -> Tensor {
    guard let found = tensors.first(where: { $0.name == name })?.tensor else {
      throw StateError("it has no '\(name)'")
    }
    return found
  }

  /// A value from its JSON.
  ///
  /// - Throws: ``StateError`` when it is missing or of another form.
  public func value<Value: Decodable>(
    _ name: String, as type: Value.Type = Value.self
  ) throws(StateError) -> Value {
    guard let text = values[name] else { throw StateError("it has no '\(name)'") }
    do {
      return try JSONText.decode(type, from: text)
    } catch {
      throw StateError("its '\(name)' is \(Excerpt.of(text, atMost: 60)), not a \(type)")
    }
  }

  /// The first tensor that must be finite and is not. Cost: one pass over these tensors.
  public var firstNotFinite: String? {
    tensors.first { name, tensor in
      mustBeFinite.contains(name) && tensor.dtype.isFloatingPoint
        && !withoutGradients { tensor.isFinite().all().item == 1 }
    }?.name
  }

  /// Writes large parts into a folder, and what refers to them into ``values``.
  public mutating func write(_ parts: [any LargeState], in folder: URL) throws {
    for part in parts { values[part.name] = try part.write(in: folder) }
    self.folder = folder
  }

  private static func joined(_ part: String, _ name: String) -> String {
    name.isEmpty ? part : "\(part).\(name)"
  }
}

/// Something that continues bit for bit from what it saved.
public protocol Stateful {
  /// Adds everything that is needed to continue. The tensors may be those at work.
  func save(into state: inout State) throws

  /// Continues from what something of the same configuration saved. All or nothing: an error changes nothing.
  mutating func restore(_ state: State) throws
}

extension Stateful {
  /// Runs `body`, which writes into tensors at work, and takes the former state back if it throws.
  ///
  /// Cost: for its duration the memory of another state.
  package mutating func allOrNothing(
    _ state: State, _ body: (inout Self, State) throws -> Void
  ) throws {
    let before = try State(of: self).copied()
    do {
      try body(&self, state)
    } catch {
      try body(&self, before)
      throw error
    }
  }
}

/// State too large for a checkpoint, such as a replay: it writes itself beside the checkpoint, a piece at a time.
public protocol LargeState {
  /// The name of the value under which a checkpoint's state refers to it.
  var name: String { get }

  /// Makes its place in a run's folder, so that pieces can be written between checkpoints from now on.
  func open(in folder: URL) throws

  /// Writes what is not on the disk yet. Files that earlier checkpoints name stay as they are.
  ///
  /// - Returns: the value that refers to it, as JSON.
  func write(in folder: URL) throws -> String

  /// Deletes files that no checkpoint names, once the one that names the newest is on the disk.
  func commit(in folder: URL) throws

  /// Deletes all its files: the run is finished.
  func discard(in folder: URL) throws

  /// Copies its files from the folder of one run into that of another, which then continues with them; nothing where
  /// there are none.
  func copy(from folder: URL, to other: URL) throws
}

/// What kept a sound state from being restored and is no fault of it, such as an environment that cannot be opened
/// or a damaged file beside it: ``cause`` says itself what to do.
package struct OutsideStateError: Error, CustomStringConvertible {
  package let cause: any Error
  package var description: String { "\(cause)" }

  /// Marks what `body` throws as no fault of the state.
  package static func marked<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch { throw OutsideStateError(cause: error) }
  }
}

/// A state that does not fit what it is to restore.
public struct StateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What does not fit.
  public let reason: String

  /// An error with its reason.
  public init(_ reason: String) { self.reason = reason }

  /// The reason.
  public var description: String { "the saved state does not fit this run: \(reason)" }
}
