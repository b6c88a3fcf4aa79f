public import Foundation

/// Commands as a shell takes them back.
public enum ShellText {
  /// An argument, quoted where it needs it.
  public static func quoted(_ argument: String) -> String {
    let plain = argument.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        return true
      default:
        return "-_./=:,+@%".utf8.contains(byte)
      }
    }
    return plain && !argument.isEmpty
      ? argument : "'" + argument.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }
}

extension Store {
  /// A command of `nap` about this store, such as `nap train --resume ID`: with `--runs` where the store is another
  /// than the one that is taken without it.
  public func command(_ words: String) -> String { Self.command(words, in: folder) }

  /// A command of `nap` about the store in a folder.
  public static func command(_ words: String, in folder: URL) -> String {
    let isDefault = folder.standardizedFileURL.path == defaultFolder().standardizedFileURL.path
    return "nap \(words)" + (isDefault ? "" : " --runs \(ShellText.quoted(folder.path))")
  }
}
