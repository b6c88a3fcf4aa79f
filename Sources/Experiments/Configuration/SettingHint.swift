import Torch

/// Hints for a key that a configuration does not have.
enum SettingHint {
  /// Common words for a setting, in small letters without marks, and the last component of its key.
  private static let otherWords = [
    "lr": "learningRate", "eta": "learningRate", "stepsize": "learningRate",
    "alpha": "learningRate",
    "wd": "weightDecay", "l2": "weightDecay", "bs": "batchSize", "batch": "batchSize",
    "eps": "epsilon", "clip": "gradientClip", "gamma": "discount", "optim": "optimizer",
    "width": "hidden", "widths": "hidden", "hiddensize": "hidden", "frames": "framesPerVisit",
    "env": "names", "game": "names", "games": "names", "buffersize": "capacity",
  ]

  /// Words for options that are not settings.
  private static let options = [
    "seed": "--seed N", "seeds": "--seeds N", "device": "--device NAME", "threads": "--threads N",
    "arm": "--arm NAME", "arms": "--arms A,B", "method": "--method NAME",
    "methods": "--method NAME",
    "preset": "--preset NAME", "name": "--name NAME", "env": "--env NAMES", "runs": "--runs FOLDER",
    "environment": "--env NAMES", "jobs": "--jobs N",
  ]

  /// The end of the sentence that there is no such key, from its semicolon on; empty where nothing resembles it.
  ///
  /// - Parameters:
  ///   - known: every key that there is, absent parts included.
  ///   - groups: by the key of a group, its members' keys.
  static func text(_ key: String, known: [String], groups: (String) -> [String]?) -> String {
    var parts: [String] = []
    let plain = Self.plain(key)
    if !key.contains("."), let option = options[plain] { parts.append("write \(option)") }
    let words = otherWordsMatches(key, known)
    let nearest = words.isEmpty ? Nearest.names(to: key, among: known) : words
    if !nearest.isEmpty, parts.isEmpty {
      parts.append("did you mean \(nearest.joined(separator: ", "))?")
    }
    if let parent = parent(of: key), let members = groups(parent) {
      parts.append("the keys of \(parent) are \(members.sorted().joined(separator: ", "))")
    }
    return parts.isEmpty ? "" : "; " + parts.joined(separator: "; ")
  }

  private static func otherWordsMatches(_ key: String, _ known: [String]) -> [String] {
    let components = key.split(separator: ".").map(String.init)
    guard let last = components.last, let word = otherWords[plain(last)] else { return [] }
    let found = known.filter { $0 == word || $0.hasSuffix(".\(word)") }
    let beside = found.filter { $0.hasPrefix(components.dropLast().joined(separator: ".")) }
    return Array((beside.isEmpty ? found : beside).prefix(3))
  }

  private static func plain(_ word: String) -> String {
    word.lowercased().filter { $0.isLetter || $0.isNumber }
  }

  private static func parent(of key: String) -> String? {
    key.lastIndex(of: ".").map { String(key[..<$0]) }
  }
}
