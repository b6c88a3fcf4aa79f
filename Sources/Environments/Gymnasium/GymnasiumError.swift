/// What went wrong with an environment in a Python process: one sentence that says what to do.
public enum GymnasiumError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No Python at this path.
  case pythonMissing(python: String, reason: String)
  /// That Python has no Gymnasium.
  case gymnasiumMissing(python: String, reason: String)
  /// The environment needs a package that Python lacks.
  case packageMissing(id: String, python: String, package: String?, reason: String)
  /// Gymnasium registers no such id.
  case unknownEnvironment(id: String, reason: String, nearest: [String])
  /// A space or a setting that is not supported, and what was found.
  case unsupported(id: String, reason: String)
  /// The process ended: how, and the last lines that it wrote.
  case ended(id: String, status: String, lastLines: [String])
  /// The process did not answer in time; it was killed.
  case noAnswer(id: String, seconds: Double, lastLines: [String])
  /// The environment's state cannot be saved.
  case notSaved(id: String, reason: String)
  /// A saved state was refused.
  case notRestored(id: String, reason: String)
  /// The system refused pipes, memory or a process.
  case system(id: String, reason: String)

  /// One sentence, with the process's last lines where there are any.
  public var description: String {
    switch self {
    case .pythonMissing(let python, let reason):
      "expected a Python at \(python), found none that runs (\(reason)): set NAP_PYTHON to one "
        + "with Gymnasium, or run `make setup`"
    case .gymnasiumMissing(let python, let reason):
      "\(python) has no Gymnasium (\(reason)): run `\(python) -m pip install gymnasium`, or set NAP_PYTHON to a "
        + "Python that has it"
    case .packageMissing(let id, let python, let package?, let reason):
      "gymnasium:\(id) needs a package that \(python) lacks (\(reason)): run `\(python) -m pip install \(package)`"
    case .packageMissing(let id, let python, nil, let reason):
      "gymnasium:\(id) needs a package that \(python) lacks (\(reason)): install it with "
        + "`\(python) -m pip install PACKAGE`"
    case .unknownEnvironment(let id, let reason, let nearest):
      "gymnasium:\(id) is not registered (\(reason))"
        + (nearest.isEmpty
          ? ": write MODULE:ID for one that a module of yours registers"
          : "; did you mean \(nearest.joined(separator: ", "))?")
    case .unsupported(let id, let reason): "gymnasium:\(id): \(reason)"
    case .ended(let id, let status, let lines):
      "gymnasium:\(id): its Python process ended with \(status)" + ChildProcess.quoted(lines)
    case .noAnswer(let id, let seconds, let lines):
      "gymnasium:\(id): its Python process did not answer within \(seconds) s and was ended; raise the time "
        + "limit if it needs longer"
        + ChildProcess.quoted(lines)
    case .notSaved(let id, let reason):
      "gymnasium:\(id): its state cannot be saved: \(reason); a run of it cannot be resumed exactly"
    case .notRestored(let id, let reason):
      "gymnasium:\(id): the saved state was refused: \(reason)"
    case .system(let id, let reason): "gymnasium:\(id): \(reason)"
    }
  }
}
