/// Settings that have another name than in the version before. The old one goes on working for one release.
public enum RenamedSettings {
  /// The first component of a key, before and what stands for it now.
  static let names = [
    (old: "worlds", new: "environments"), (old: "relabeledShare", new: "stream.relabeledShare"),
  ]

  /// A key by today's name.
  static func current(_ key: String) -> String {
    for (old, new) in names where key == old || key.hasPrefix(old + ".") {
      return new + key.dropFirst(old.count)
    }
    return key
  }

  /// A note for each old name among a command's arguments, once, in the order of the table.
  public static func notes(in arguments: [String]) -> [String] {
    let words = arguments.flatMap { argument in
      argument.split(whereSeparator: { "[],=".contains($0) }).map(String.init)
    }
    return names.filter { name in words.contains { $0.hasPrefix(name.old + ".") || $0 == name.old }
    }
    .map {
      "note: the setting \($0.old) is called \($0.new) now, with all below it; the old name works in this release"
    }
  }
}
