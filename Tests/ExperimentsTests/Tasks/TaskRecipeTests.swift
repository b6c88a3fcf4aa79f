import Networks
import NormalizeAndProject
import Plasticity
import RunStore
import Testing
import Torch
import Training

@testable import Experiments

@Suite("A recipe that says what a batch is")
struct TaskRecipeTests {
  /// Classes of points by a border that every task draws anew.
  private enum Borders: TaskRecipe {
    struct Settings: Codable, Hashable, Sendable {
      var features = 4
    }

    static let name = "borders"
    static let summary = "which side of a border is a point on"
    static let presets = [
      Preset(
        "small", "an instant",
        TaskConfiguration(
          settings: Settings(), network: .mlp([16]), optimizer: .init(learningRate: 1e-2),
          tasks: 3, updatesPerTask: 20, batchSize: 16), arms: ["nap"], seeds: 1)
    ]

    static func shape(_ settings: Settings) -> (inputs: [Int], outputs: Int) {
      ([settings.features], 2)
    }

    static func validate(_ settings: Settings) throws {
      guard settings.features > 0 else { throw UsageError("settings.features: expected 1 or more") }
    }

    static func batch(_ moment: TaskMoment, _ configuration: Configuration) -> TaskBatch {
      let shape = [configuration.batchSize, configuration.settings.features]
      let points_BF = Tensor.normal(shape, generator: moment.draws)
      let border_F1 = Tensor.normal([shape[1], 1], generator: moment.taskDraws.split("border"))
      let side_B = points_BF.matrixProduct(border_F1).flattened().greater(than: 0)
      return TaskBatch(inputs: points_BF, targets: side_B.converted(to: .int64))
    }
  }

  private func training(_ arm: String, _ diagnostics: [String] = []) throws
    -> TaskTraining
  {
    var configuration = try Borders.configuration(Borders.presets[0].configuration, arm: arm)
    configuration.recording.diagnostics = diagnostics
    configuration.recording.diagnosticsEveryUpdates = diagnostics.isEmpty ? 0 : 7
    return try Borders.start(configuration, seed: 1, device: .cpu)
  }

  private func rest(_ run: inout TaskTraining, until end: Int = .max) throws -> [String] {
    var lines: [String] = []
    while run.updates < end, let event = try run.next() {
      lines += event.measurements.map { "\($0.updates) \($0.metric) \($0.scope) \($0.value)" }
    }
    return lines
  }

  @Test(
    "A run that goes on comes to the same bytes",
    arguments: ["nap", "plain/redo", "fresh"], [20, 33])
  func resumes(arm: String, stop: Int) throws {
    let diagnostics = ["weight-drift", "feature-change"]
    var whole = try training(arm, diagnostics)
    _ = try rest(&whole, until: stop)
    var saved = try whole.snapshot()
    saved.tensors = saved.tensors.map { ($0.name, $0.tensor.cloned()) }
    let expected = try rest(&whole)
    var resumed = try training(arm, diagnostics)
    try resumed.restore(saved)
    #expect(try rest(&resumed) == expected)
    for (left, right) in zip(try whole.snapshot().tensors, try resumed.snapshot().tensors) {
      #expect(left.name == right.name && left.tensor.isIdentical(to: right.tensor), "\(left.name)")
    }
  }

  @Test("Tasks are recorded with loss and accuracy, and learned")
  func recorded() throws {
    var configuration = Borders.presets[0].configuration
    configuration.updatesPerTask = 150
    var run = try Borders.start(configuration, seed: 1, device: .cpu)
    var values: [MetricValue] = []
    while let event = try run.next() { values += event.measurements }
    for metric in [Metric.onlineLoss, .onlineAccuracy] {
      #expect(values.filter { $0.metric == metric }.map(\.task) == [0, 1, 2])
    }
    #expect(values.filter { $0.metric == .onlineAccuracy }.allSatisfy { $0.value > 0.6 })
    #expect(try run.audit().isNormalizeAndProject)
    #expect(run.diagnosticSubject().labels?.shape == [16])
  }

  @Test("Arms, settings and ranges are those of every recipe")
  func arms() throws {
    #expect(Borders.arms.map(\.name).contains("fresh-norm") && !Borders.methods.isEmpty)
    #expect(try Borders.arm("nap", methods: ["redo"]) == "nap/redo")
    var configuration = Borders.presets[0].configuration
    configuration.tasks = 0
    #expect(throws: (any Error).self) { try Borders.validate(configuration) }
    configuration = Borders.presets[0].configuration
    configuration.settings.features = 0
    #expect(throws: UsageError.self) { try Borders.validate(configuration) }
    configuration.settings.features = 4
    configuration.methods = InterventionSet([HeadScale()])
    #expect(try Borders.validate(configuration).isEmpty)
    let rehearsal = Borders.rehearsal(configuration)
    #expect(rehearsal.configuration.updatesPerTask == 20 && rehearsal.tasks == 3)
  }

  @Test("A series that an added diagnostic gives has its title, unit and definition")
  func entries() {
    let entries = Metric.Entry.entries(of: Added.self)
    #expect(entries.map(\.title) == ["Weight of it", "other"])
    #expect(entries.map(\.unit) == ["kg", ""])
    #expect(entries.map(\.definition) == ["how much it weighs", Added.summary])
  }

  private struct Added: Diagnostic {
    static let name = "added"
    static let summary = "what it is"
    static let source = "nobody"
    static let metrics = ["weight_of_it", "other"]
    static let definitions = [
      MetricDefinition("weight_of_it", title: "Weight of it", unit: "kg", "how much it weighs")
    ]

    func measure(_ subject: DiagnosticSubject) -> [DiagnosticReading] { [] }
  }
}
