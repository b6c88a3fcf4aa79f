public import Foundation

/// A TensorBoard event file that grows while a run trains.
public final class EventFile {
  /// The file.
  public let url: URL
  private var stream: EventStream
  private let handle: FileHandle

  /// A new file of a run, in a folder of the run's below `folder`.
  ///
  /// - Parameter updates: of the checkpoint, for a run that goes on: what earlier files have beyond no longer counts.
  /// - Throws: ``StoreError/fileNotWritable(path:reason:)``.
  public init(_ run: Run, below folder: URL, after updates: Int? = nil) throws {
    let moment = Date()
    let own = Self.folder(of: run, below: folder)
    url = own.appendingPathComponent(
      "events.out.tfevents.\(Int(moment.timeIntervalSince1970 * 1_000)).\(ProcessInfo.processInfo.processIdentifier)"
    )
    stream = EventStream(run, after: updates, at: moment)
    do {
      try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
      try stream.taken().write(to: url)
      handle = try FileHandle(forWritingTo: url)
      try handle.seekToEnd()
    } catch {
      throw StoreError.fileNotWritable(path: url.path, reason: error.localizedDescription)
    }
  }

  /// Adds measurements.
  ///
  /// - Throws: ``StoreError/fileNotWritable(path:reason:)``, after which nothing more should be added.
  public func add(_ values: [MetricValue]) throws {
    stream.add(values, at: Date())
    try write()
  }

  /// Adds how the run ended.
  public func end(as status: RunStatus) throws {
    stream.end(as: status, at: Date())
    try write()
  }

  private func write() throws {
    do {
      try handle.write(contentsOf: stream.taken())
    } catch {
      throw StoreError.fileNotWritable(path: url.path, reason: error.localizedDescription)
    }
  }

  /// The folder of a run's files: its name, and its identifier, which makes it unique.
  static func folder(of run: Run, below folder: URL) -> URL {
    let name = String(
      run.name.map { $0.isLetter || $0.isNumber || "-_+.=".contains($0) ? $0 : "-" }
        .prefix(80))
    return folder.appendingPathComponent("\(name).\(run.id)", isDirectory: true)
  }
}

extension Store {
  /// Writes the series of runs as TensorBoard event files, a folder a run.
  ///
  /// A point's wall time is that of its session's start and the seconds recorded since. A resumed run has a session
  /// start after the updates of its checkpoint. A second export replaces its file.
  ///
  /// - Returns: the files.
  /// - Throws: ``StoreError/fileNotWritable(path:reason:)``, also for a run's folder that has event files of training:
  ///   both together would show every point twice.
  public func writeEventFiles(of runs: [Run], below folder: URL) throws -> [URL] {
    let name = "events.out.tfevents.0.exported"
    return try runs.map { run in
      let own = EventFile.folder(of: run, below: folder)
      let others = ((try? FileManager.default.contentsOfDirectory(atPath: own.path)) ?? [])
        .filter { $0.contains("tfevents") && $0 != name }
      guard others.isEmpty else {
        throw StoreError.fileNotWritable(
          path: own.path, reason: "it has event files already, written while the run trained")
      }
      let file = own.appendingPathComponent(name)
      let bytes = try eventBytes(of: run)
      do {
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        try bytes.write(to: file, options: .atomic)
      } catch {
        throw StoreError.fileNotWritable(path: file.path, reason: error.localizedDescription)
      }
      return file
    }
  }

  private func eventBytes(of run: Run) throws -> Data {
    let values = try values(of: run.id)
    let clock = RunClock(run, seconds: values.filter { $0.metric == .seconds })
    var stream = EventStream(run, at: run.provenance.started)
    var sessions = run.resumptions[...]
    for (updates, values) in Dictionary(grouping: values, by: \.updates).sorted(by: {
      $0.key < $1.key
    }) {
      while let next = sessions.first, next.updates < updates {
        stream.restart(after: next.updates, at: next.provenance.started)
        sessions.removeFirst()
      }
      stream.add(values.sorted { $0.task < $1.task }, at: clock.moment(after: updates))
    }
    stream.end(as: run.status, at: run.ended ?? clock.moment(after: .max))
    return stream.taken()
  }
}

/// When a run was where, by the seconds that it recorded.
struct RunClock {
  private let run: Run
  private let seconds: [(updates: Int, seconds: Double)]

  init(_ run: Run, seconds: [MetricValue]) {
    self.run = run
    self.seconds = seconds.filter { $0.value.isFinite }.map { ($0.updates, $0.value) }
      .sorted { $0.updates < $1.updates }
  }

  /// Seconds of training up to an update: those of the last record; a share of the whole without records.
  private func seconds(after updates: Int) -> Double {
    seconds.last { $0.updates <= updates }?.seconds ?? 0
  }

  /// The moment after so many updates.
  func moment(after updates: Int) -> Date {
    let session = run.resumptions.last { $0.updates < updates }
    let begun = session?.provenance.started ?? run.provenance.started
    let before =
      session.map { seconds(after: $0.updates) } ?? (run.parentUpdates.map(seconds(after:)) ?? 0)
    return begun.addingTimeInterval(max(0, seconds(after: updates) - before))
  }
}
