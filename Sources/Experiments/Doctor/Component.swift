/// A component that the program uses, and whether it is installed.
public struct Component: Codable, Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Its purpose, in a few words.
  public var purpose: String
  /// The version; empty if it has none, `nil` if it is missing.
  public var version: String?
  /// Its path, or why it cannot be used.
  public var detail: String
  /// Whether the demonstration needs it.
  public var isNeededForDemo: Bool
  /// The command that installs it; `nil` if it is installed or cannot be.
  public var remedy: String?

  /// Whether it can be used.
  public var isPresent: Bool { version != nil }

  /// Describes a component; see the properties.
  public init(
    name: String, purpose: String, version: String?, detail: String = "",
    isNeededForDemo: Bool = false, remedy: String? = nil
  ) {
    self.name = name
    self.purpose = purpose
    self.version = version
    self.detail = detail
    self.isNeededForDemo = isNeededForDemo
    self.remedy = remedy
  }
}
