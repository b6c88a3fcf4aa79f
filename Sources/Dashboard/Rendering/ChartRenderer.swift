public import Foundation
import Texts

/// Draws Vega-Lite charts without a browser, through the `vl-convert` package of a Python.
///
/// The Python is a separate process that lives for one drawing; it reads no file and loads nothing
/// from a network.
public struct ChartRenderer: Hashable, Sendable {
  /// The Python interpreter.
  public let python: URL

  /// Takes a Python that has `vl-convert`.
  public init(python: URL) { self.python = python }

  /// Looks for the Python: `$NAP_PYTHON`, then the one that `make setup` or `make install` put beside this very program
  /// (``ownFolder``). Never above or in the current folder, where anybody may have put one.
  ///
  /// Throws ``DashboardError/rendererMissing(looked:)`` with every place that was looked at.
  public static func find(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    in folder: URL? = ChartRenderer.ownFolder
  ) throws -> ChartRenderer {
    var looked: [String] = []
    if let path = environment["NAP_PYTHON"], !path.isEmpty {
      if FileManager.default.isExecutableFile(atPath: path) {
        return ChartRenderer(python: URL(fileURLWithPath: path))
      }
      looked.append("NAP_PYTHON=\(path) (not there)")
    } else {
      looked.append("NAP_PYTHON (not set)")
    }
    if let folder {
      let python = folder.appendingPathComponent(".deps/python/bin/python")
      if FileManager.default.isExecutableFile(atPath: python.path) {
        return ChartRenderer(python: python)
      }
      looked.append("\(python.path) (not there)")
    }
    throw DashboardError.rendererMissing(looked: looked)
  }

  /// The folder that what belongs to this program lies in: for a program in a `.build` folder the package that it was
  /// built from, for an installed one its own folder.
  public static var ownFolder: URL? {
    Bundle.main.executableURL.map { ownFolder(of: $0.resolvingSymlinksInPath()) }
  }

  /// - Parameter executable: its path without links.
  static func ownFolder(of executable: URL) -> URL {
    let path = executable.path
    guard let build = path.range(of: "/.build/", options: .backwards) else {
      return executable.deletingLastPathComponent()
    }
    return URL(fileURLWithPath: String(path[..<build.lowerBound]), isDirectory: true)
  }

  /// The versions of `vl-convert` and of the Python that runs it, such as `1.8.0 (Python 3.11.2)`.
  ///
  /// - Throws: ``DashboardError/renderingFailed(python:reason:)`` when the package is not there.
  /// - Cost: starts Python once.
  public func version() throws -> String {
    String(decoding: try run(["kind": "version"]), as: UTF8.self)
  }

  /// The command that makes a renderer where none is: set-up in a clone of the sources, a Python of
  /// its own elsewhere.
  public static var installation: String {
    let isClone = ownFolder.map {
      FileManager.default.isExecutableFile(atPath: $0.path + "/Tools/setup")
    }
    guard isClone != true else { return "make setup" }
    return "python3 -m venv ~/.local/share/nap/python && "
      + "~/.local/share/nap/python/bin/pip install vl-convert-python && "
      + "export NAP_PYTHON=~/.local/share/nap/python/bin/python"
  }

  /// An image of a chart.
  func image(_ chart: JSON, as format: ReportFormat) throws -> Data {
    try run(["kind": .string(format.rawValue), "chart": .string(chart.text)])
  }

  /// Vega, Vega-Lite and Vega-Embed as one script that needs nothing else, about 0.9 MB.
  func scriptBundle() throws -> String {
    String(decoding: try run(["kind": "bundle"]), as: UTF8.self)
  }

  private static let script = """
    import json, sys
    try:
        import vl_convert
    except ImportError as error:
        sys.exit(f"cannot import vl_convert: {error}")
    request = json.load(sys.stdin)
    kind = request["kind"]
    if kind == "bundle":
        result = vl_convert.javascript_bundle().encode()
    elif kind == "version":
        result = f"{vl_convert.__version__} (Python {sys.version.split()[0]})".encode()
    else:
        chart = json.loads(request["chart"])
        options = {"png": {"scale": 2.0}}.get(kind, {})
        draw = getattr(vl_convert, "vegalite_to_" + kind)
        result = draw(chart, allowed_base_urls=[], **options)
        result = result.encode() if isinstance(result, str) else result
    sys.stdout.buffer.write(result)
    """

  /// Runs the script on a request. The request goes through a file and the complaints come back
  /// through one, so that no pipe can fill up while the other end waits.
  private func run(_ request: JSON) throws -> Data {
    let manager = FileManager.default
    let folder = manager.temporaryDirectory
      .appendingPathComponent("nap-chart-\(UUID().uuidString)", isDirectory: true)
    defer { try? manager.removeItem(at: folder) }
    let input = folder.appendingPathComponent("request.json")
    let complaints = folder.appendingPathComponent("stderr")
    let output = Pipe()
    let process = Process()
    do {
      try manager.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(request.text.utf8).write(to: input)
      try Data().write(to: complaints)
      process.executableURL = python
      process.arguments = ["-I", "-c", ChartRenderer.script]
      process.standardInput = try FileHandle(forReadingFrom: input)
      process.standardOutput = output
      process.standardError = try FileHandle(forWritingTo: complaints)
      try process.run()
    } catch {
      throw DashboardError.renderingFailed(
        python: python.path, reason: "it cannot be started (\(error.localizedDescription))")
    }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0, !data.isEmpty else {
      let text = (try? String(contentsOf: complaints, encoding: .utf8)) ?? ""
      let last = text.split(separator: "\n").last.map(String.init)
      throw DashboardError.renderingFailed(
        python: python.path, reason: last ?? "it ended with status \(process.terminationStatus)")
    }
    return data
  }
}
