import Foundation
import SwiftProtobuf
import Texts

/// Turns what a run measured into the bytes of a TensorBoard event file.
///
/// A series is the scalar `metric`, or `metric/scope` for a part of the network, over updates. The number of the task
/// is the scalar `task`, once where it changes. Settings stand in the plugin of hyperparameters.
struct EventStream {
  /// The bytes since they were last taken.
  private(set) var bytes = Data()
  private var task: Int?

  /// The tag of the task's number.
  static let taskTag = "task"
  /// The plugin of hyperparameters, and the tags of its parts.
  static let hyperparameters = (
    plugin: "hparams", start: "_hparams_/session_start_info", end: "_hparams_/session_end_info"
  )

  /// A file of a run that begins, or goes on after so many updates: what earlier files have beyond them no longer
  /// counts.
  init(_ run: Run, after updates: Int? = nil, at moment: Date) {
    add(moment) { $0.fileVersion = "brain.Event:2" }
    if let updates { restart(after: updates, at: moment) }
    var start = BoardHParams.Start()
    start.hparams = Self.settings(of: run).mapValues(Google_Protobuf_Value.init)
    start.startTimeSecs = run.provenance.started.timeIntervalSince1970
    var content = BoardHParams()
    content.sessionStartInfo = start
    add(content, tag: Self.hyperparameters.start, moment)
  }

  /// Gives the bytes away.
  mutating func taken() -> Data {
    defer { bytes = Data() }
    return bytes
  }

  /// A session that begins after so many updates. TensorBoard drops what it read before from this step on, and the
  /// points at the update itself stay.
  mutating func restart(after updates: Int, at moment: Date) {
    add(moment, step: updates + 1) { $0.sessionLog.status = .start }
  }

  /// Measurements of one moment.
  mutating func add(_ values: [MetricValue], at moment: Date) {
    for (updates, values) in Dictionary(grouping: values, by: \.updates).sorted(by: {
      $0.key < $1.key
    }) {
      var all = values.map { value in
        (value.metric.name + (value.scope.isEmpty ? "" : "/\(value.scope)"), value.value)
      }
      if let last = values.last?.task, last != task {
        task = last
        all.append((Self.taskTag, Double(last)))
      }
      add(moment, step: updates) { event in
        event.summary.value = all.map { tag, value in
          var point = BoardSummary.Value()
          (point.tag, point.simpleValue) = (tag, Float(value))
          return point
        }
      }
    }
  }

  /// How the run ended, so far as it did.
  mutating func end(as status: RunStatus, at moment: Date) {
    var end = BoardHParams.End()
    end.endTimeSecs = moment.timeIntervalSince1970
    end.status =
      switch status {
      case .finished: 1
      case .running, .interrupted: 3
      case .diverged, .notFinite, .failed: 2
      }
    var content = BoardHParams()
    content.sessionEndInfo = end
    add(content, tag: Self.hyperparameters.end, moment)
  }

  /// A run's labels and settings by name, as the tables of exports have them.
  static func settings(of run: Run) -> [String: JSON] {
    var settings: [String: JSON] = [
      "recipe": .string(run.recipe), "preset": .string(run.preset), "arm": .string(run.arm),
      "seed": .integer(run.seed), "run": .string(run.id.text), "name": .string(run.name),
    ]
    if let parent = run.parent { settings["parent"] = .string(parent.text) }
    guard let configuration = try? JSONText.decode(JSON.self, from: run.configuration) else {
      return settings
    }
    for path in configuration.paths {
      let value = configuration[path.split(separator: ".").map(String.init)[...]] ?? .null
      settings[path] = value
    }
    return settings
  }

  private mutating func add(_ content: BoardHParams, tag: String, _ moment: Date) {
    add(moment) { event in
      var value = BoardSummary.Value()
      value.tag = tag
      value.metadata.pluginData.pluginName = Self.hyperparameters.plugin
      value.metadata.pluginData.content = (try? content.serializedData()) ?? Data()
      event.summary.value = [value]
    }
  }

  private mutating func add(_ moment: Date, step: Int = 0, _ fill: (inout BoardEvent) -> Void) {
    var event = BoardEvent()
    event.wallTime = moment.timeIntervalSince1970
    event.step = Int64(step)
    fill(&event)
    // Only a required field that is missing cannot be written, and these messages have none.
    if let payload: Data = try? event.serializedData() { bytes += RecordFile.framed(payload) }
  }
}

extension Google_Protobuf_Value {
  /// A setting; what is no number, word or truth value as its text.
  init(_ value: JSON) {
    switch value {
    case .bool(let value): self.init(boolValue: value)
    case .integer(let value): self.init(numberValue: Double(value))
    case .number(let value): self.init(numberValue: value)
    case .string(let value): self.init(stringValue: value)
    case .null, .array, .object: self.init(stringValue: value.text)
    }
  }
}
