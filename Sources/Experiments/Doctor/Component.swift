/// One thing that the program uses, and whether it is here.
public struct Component: Codable, Hashable, Sendable {
  /// What it is called.
  public var name: String
  /// What it is for, in a few words.
  public var purpose: String
  /// The version; empty for something that is here and has none, `nil` for what is missing.
  public var version: String?
  /// Where it lies, or why it cannot be used.
  public var detail: String
  /// Whether the demonstration needs it.
  public var isNeededForDemo: Bool
  /// The command that installs it; `nil` for what is here or cannot be installed.
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
