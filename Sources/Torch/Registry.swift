import Synchronization

/// A list of named things, such as recipes, that a program adds to before anything reads it.
///
/// Every name stands for one member. Safe from any thread.
public final class Registry<Member: Sendable>: Sendable {
  private let kind: String
  private let name: @Sendable (Member) -> String
  private let members: Mutex<[Member]>

  /// A list with the package's own members.
  ///
  /// - Parameters:
  ///   - kind: what a member is, in the singular, such as `recipe`.
  ///   - name: a member's name.
  public init(
    _ kind: String, _ members: [Member] = [], name: @escaping @Sendable (Member) -> String
  ) {
    self.kind = kind
    self.name = name
    self.members = Mutex(members)
  }

  /// The members in order. Cost: a lock.
  public var all: [Member] { members.withLock { $0 } }

  /// The member of a name; `nil` for a name that is none.
  public subscript(_ name: String) -> Member? { all.first { self.name($0) == name } }

  /// Adds a member.
  ///
  /// - Throws: ``RegistryError`` for a name that is taken, reserved or cannot be written on the command line, and for a
  ///   place beside a name that is none.
  public func add(_ member: Member, at place: RegistryPlace = .last) throws(RegistryError) {
    let name = name(member)
    guard let first = name.utf8.first, first != UInt8(ascii: "-"),
      name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }),
      !["all", "none"].contains(name)
    else {
      throw RegistryError(
        "\(kind) '\(name)': expected a name of letters, digits, - and _, other than all and none")
    }
    try members.withLock { members throws(RegistryError) in
      let names = members.map(self.name)
      guard !names.contains(name) else {
        throw RegistryError("there is a \(kind) '\(name)' already; give the added one another name")
      }
      func index(_ neighbour: String) throws(RegistryError) -> Int {
        if let index = names.firstIndex(of: neighbour) { return index }
        let near = Nearest.names(to: neighbour, among: names)
        throw RegistryError(
          "\(kind) '\(name)': its place is beside '\(neighbour)', and there is no such \(kind)"
            + (near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?"))
      }
      switch place {
      case .last: members.append(member)
      case .before(let neighbour): members.insert(member, at: try index(neighbour))
      case .after(let neighbour): members.insert(member, at: try index(neighbour) + 1)
      }
    }
  }
}

/// Where a member stands in a list whose order matters.
public enum RegistryPlace: Hashable, Sendable {
  /// After all that are there.
  case last
  /// In front of the member of this name.
  case before(String)
  /// Right after the member of this name.
  case after(String)
}

/// What cannot be added to a list.
public struct RegistryError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence: what was to be added, what is wrong, what to do.
  public let description: String

  init(_ description: String) { self.description = description }
}
