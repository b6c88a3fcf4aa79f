public import Foundation

/// Errors of reports and figures that come from outside the program.
public enum DashboardError: Error, Equatable, Sendable {
  /// No Python with the chart renderer was found: each place that was searched, and what was there.
  case rendererMissing(looked: [String])
  /// The chart renderer ran and failed, with its last line.
  case renderingFailed(python: String, reason: String)
  /// The file's ending names no format that reports come in.
  case unknownFormat(path: String)
  /// The report's file cannot be written.
  case notWritable(path: String, reason: String)
  /// The runs have different protocols: one line per difference.
  case mixedProtocols(differences: [String])
  /// There is nothing to draw.
  case nothingToShow(reason: String)
}

extension DashboardError: CustomStringConvertible, LocalizedError {
  public var errorDescription: String? { description }

  public var description: String {
    switch self {
    case .rendererMissing(let looked):
      return "drawing needs a Python with vl-convert, and none was found. Looked at: "
        + (looked.isEmpty ? "nothing" : looked.joined(separator: "; "))
        + ". Run `make setup`, or set NAP_PYTHON to such a Python "
        + "(`pip install vl-convert-python`). CSV needs none: -o report.csv."
    case .renderingFailed(let python, let reason):
      return
        "the chart renderer in \(python) failed: \(reason). Run `make setup` to repair it, or set "
        + "NAP_PYTHON to a Python with vl-convert (`pip install vl-convert-python`). CSV needs none: -o report.csv."
    case .unknownFormat(let path):
      return "cannot tell the format of '\(path)': expected a name that ends in "
        + ReportFormat.allCases.map { ".\($0.rawValue)" }.joined(separator: ", ") + "."
    case .notWritable(let path, let reason):
      return "cannot write \(path): \(reason). Give another path with -o."
    case .mixedProtocols(let differences):
      return
        "the runs have different protocols, so one table or figure would mislead: "
        + differences.joined(separator: "; ")
        + ". Report runs of one protocol, or pass --mix-protocols to show them together."
    case .nothingToShow(let reason):
      return "there is nothing to show: \(reason)."
    }
  }
}

/// The formats that a report comes in; the ending of its file names one.
public enum ReportFormat: String, Hashable, Sendable, CaseIterable {
  /// The whole report as one page that opens offline.
  case html
  /// The figures as a pixel image.
  case png
  /// The figures as a vector image.
  case svg
  /// The figures as one page for printing.
  case pdf
  /// The figures' numbers, one per line.
  case csv

  /// The format that a path's ending names; throws ``DashboardError/unknownFormat(path:)``.
  public init(path: String) throws {
    let ending = URL(fileURLWithPath: path).pathExtension.lowercased()
    guard let format = ReportFormat(rawValue: ending) else {
      throw DashboardError.unknownFormat(path: path)
    }
    self = format
  }
}
