public import Foundation
import Texts

/// Errors of the store of runs that come from outside the program.
///
/// Every case prints one message that names the path or identifier, what was expected, what was
/// found and what to try.
public enum StoreError: Error, Equatable, Sendable {
  /// The store's folder or file cannot be written (or, for reading, opened).
  case notWritable(path: String, reason: String)
  /// There is no store in the folder, and it was opened for reading alone.
  case missing(path: String)
  /// The store was written by a newer version of the program.
  case newerSchema(path: String, unknownMigrations: [String])
  /// Another process held the store for longer than the time allowed.
  case locked(path: String, waitedSeconds: Double)
  /// The file is not a store, or its content is damaged.
  case corrupt(path: String, reason: String)
  /// No run, or no comparison, answers to the text.
  case notFound(kind: String, text: String, path: String)
  /// Several runs, or comparisons, answer to the text.
  case ambiguous(kind: String, text: String, candidates: [String])
  /// A run of this identifier is already in the store.
  case exists(identifier: String, path: String)
  /// The operation needs the run in another state than it is in.
  case wrongState(identifier: String, found: String, expected: String, suggestion: String)
  /// An identifier holds characters that would not be safe as a folder's name.
  case invalidIdentifier(text: String)
  /// A text that has to be JSON is not.
  case invalidJSON(what: String, reason: String)
  /// A file that was to be imported is not an exported run that this version reads.
  case unreadableArchive(path: String, reason: String)
  /// An exported file cannot be written.
  case fileNotWritable(path: String, reason: String)
  /// A file of another program, or a table, that was to be imported cannot be read.
  case unreadableImport(path: String, expected: String, reason: String)
  /// The files of a store that is in use were removed or replaced; where what they held was copied to, if it could be.
  case vanished(path: String, rescued: String?)
  /// SQLite reported something else, such as a full disk.
  case database(path: String, reason: String)
}

extension StoreError: CustomStringConvertible, LocalizedError {
  public var errorDescription: String? { description }

  public var description: String {
    switch self {
    case .notWritable(let path, let reason):
      return "cannot use the store in \(path): \(reason). "
        + "Give a folder that you may write to with NAP_RUNS=/path."
    case .missing(let path):
      return "there is no store at \(path). Run `nap train` first, or set NAP_RUNS to the folder "
        + "that holds your runs."
    case .newerSchema(let path, let unknown):
      return "the store at \(path) was written by a newer nap (it has "
        + "\(unknown.joined(separator: ", ")), which this version does not know). "
        + "Use that version, or another folder with NAP_RUNS=/path."
    case .locked(let path, let seconds):
      return "the store at \(path) was held by another process for more than "
        + "\(seconds.formatted()) s. Wait for that process or stop it, then try again."
    case .corrupt(let path, let reason):
      return "\(path) is not a store of runs, or is damaged: \(reason). "
        + "Move it away to start a new one, or restore it from a copy."
    case .notFound(let kind, let text, let path):
      return "no \(kind) called '\(Excerpt.of(text))' in \(path). "
        + "`\(Store.command("runs", in: URL(fileURLWithPath: path)))` lists what is there."
    case .ambiguous(let kind, let text, let candidates):
      return "'\(text)' could be several \(kind)s: \(candidates.joined(separator: ", ")). "
        + "Give more of the identifier."
    case .exists(let identifier, let path):
      return "the store in \(path) already has a run \(identifier). "
        + "Remove it first with `\(Store.command("runs rm \(identifier)", in: URL(fileURLWithPath: path)))`."
    case .wrongState(let identifier, let found, let expected, let suggestion):
      return "run \(identifier) is \(found), expected \(expected). \(suggestion)"
    case .invalidIdentifier(let text):
      return
        "'\(Excerpt.of(text))' cannot be an identifier: expected 1 to 64 letters, digits, '-' or '_'."
    case .invalidJSON(let what, let reason):
      return "\(what) is not JSON: \(reason)."
    case .unreadableArchive(let path, let reason):
      return "\(path) is not an exported run that this version reads: \(reason). "
        + "Export it again with `nap runs export`."
    case .fileNotWritable(let path, let reason):
      return "cannot write \(path): \(reason). Give another folder."
    case .unreadableImport(let path, let expected, let reason):
      return "\(path) is not \(expected) that this version reads: \(reason). Nothing was imported."
    case .vanished(let path, let rescued):
      return
        "the store at \(path) was removed or replaced while it was in use, so that nothing more can be recorded. "
        + (rescued.map {
          "What it held is in \($0): give that the name \(Store.fileName), with no -wal file beside it."
        } ?? "Put it back from a copy.")
    case .database(let path, let reason):
      return "the store at \(path) failed: \(reason). "
        + "Check that its disk has room and is in order, then try again."
    }
  }
}
