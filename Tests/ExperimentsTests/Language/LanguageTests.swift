import Datasets
import Networks
import NormalizeAndProject
import RunStore
import Testing
import Torch

@testable import Experiments

@Suite("Language models")
struct LanguageTests {
  private static func configuration(
    _ arm: String, _ change: (inout LanguageConfiguration) -> Void = { _ in }
  ) throws -> LanguageConfiguration {
    var base = try Language.preset("smoke").configuration
    base.texts = ["tiny-shakespeare", "tiny-shakespeare"]
    base.updatesPerTask = 12
    base.batchSize = 6
    base.schedule = Schedule()
    base.optimizer = OptimizerConfiguration(learningRate: 1e-3, gradientClip: 1)
    base.recording.everyUpdates = 4
    base.recording.evaluateEveryUpdates = 5
    base.recording.validationBatches = 2
    base.recording.probeCount = 3
    change(&base)
    return try ContinualLanguage.configuration(base, arm: arm)
  }

  private func rest(_ run: inout LanguageTraining, until end: Int = .max) throws -> [MetricValue] {
    var values: [MetricValue] = []
    while run.updates < end, let event = try run.next() { values += event.measurements }
    return values
  }

  @Test(
    "A run that goes on comes to the same bytes",
    arguments: ["plain", "nap", "fresh", "norm/l2", "nap/hyperball"], [7, 12, 19])
  func resumes(arm: String, stop: Int) throws {
    let configuration = try Self.configuration(arm) {
      $0.microBatches = 4
      $0.recording.diagnostics = ["weight-drift"]
      $0.recording.diagnosticsEveryUpdates = 3
      $0.average.decay = 0.8
      $0.computation.precision = arm == "nap" ? .bfloat16 : .full
    }
    func start() throws -> LanguageTraining {
      try ContinualLanguage.start(configuration, seed: 1, device: .cpu)
    }
    var whole = try start()
    _ = try rest(&whole, until: stop)
    let saved = try whole.snapshot().copied()
    let expected = try rest(&whole)
    var resumed = try start()
    try resumed.restore(saved)
    #expect(try rest(&resumed) == expected)
    for (left, right) in zip(try whole.snapshot().tensors, try resumed.snapshot().tensors) {
      #expect(left.name == right.name && left.tensor.isIdentical(to: right.tensor), "\(left.name)")
    }
  }

  @Test("The average's loss stands beside the weights', and is that of the averaged weights")
  func average() throws {
    func run(_ decay: Double) throws -> (LanguageTraining, [MetricValue]) {
      var run = try ContinualLanguage.start(
        Self.configuration("nap") { $0.average.decay = decay }, seed: 1, device: .cpu)
      let values = try rest(&run)
      return (run, values)
    }
    let (averaged, values) = try run(0.9)
    let (without, plain) = try run(0)
    // It changes nothing of the weights.
    #expect(values.filter { $0.scope != "average" } == plain)
    let losses = values.filter { $0.metric == .testLoss && $0.scope == "average" }
    #expect(losses.map(\.updates) == plain.filter { $0.metric == .testLoss }.map(\.updates))
    var state = try averaged.snapshot().copied()
    #expect(try !without.snapshot().values.keys.contains("average"))
    try state.put("average", inPlaceOf: "network")
    let end = averaged.updates
    var restored = try ContinualLanguage.start(
      Self.configuration("nap") { $0.average.decay = 0.9 }, seed: 1, device: .cpu)
    try restored.restore(state)
    let moment = restored.moment(end - 1)
    let again = try restored.source.averageResults(restored.network, after: moment)
    #expect(again.first?.value == losses.last?.value)
    #expect(losses.last?.value != plain.last { $0.metric == .testLoss }?.value)
  }

  @Test("A batch in parts gives the update of the whole batch")
  func parts() throws {
    func losses(_ parts: Int) throws -> [Double] {
      let configuration = try Self.configuration("nap") {
        $0.microBatches = parts
        $0.network.dtype = .float64
        $0.recording.everyUpdates = 1
      }
      var run = try ContinualLanguage.start(configuration, seed: 1, device: .cpu)
      return try rest(&run).filter { $0.metric == .trainingLoss }.map(\.value)
    }
    let whole = try losses(1)
    #expect(whole.count == 24)
    // Parts of one and of two windows weigh by their rows.
    for parts in [2, 4, 6] {
      for (one, other) in zip(whole, try losses(parts)) { #expect(abs(one - other) < 1e-9) }
    }
  }

  @Test("A model learns: bytes are guessed far better than by chance, and what is recorded fits")
  func learns() throws {
    var configuration = try Language.preset("smoke").configuration
    configuration.updatesPerTask = 150
    configuration.schedule = Schedule()
    configuration.optimizer.learningRate = 3e-3
    configuration.recording.evaluateEveryUpdates = 50
    var run = try Language.start(configuration, seed: 0, device: .cpu)
    let values = try rest(&run)
    let losses = values.filter { $0.metric == .testLoss }
    #expect(losses.map(\.updates) == [50, 100, 150])
    // Uniform guessing has ln 256 = 5.55, the frequencies of single bytes some 3.3.
    #expect(try #require(losses.last).value < 3.2)
    let perplexities = values.filter { $0.metric == .perplexity }.map(\.value)
    for (loss, perplexity) in zip(losses, perplexities) {
      #expect(abs(perplexity.logarithm - loss.value) < 1e-9)
    }
    let accuracy = try #require(values.last { $0.metric == .testAccuracy }).value
    #expect((0.15...0.6).contains(accuracy))
  }

  @Test("Every text is visited in turn, and every visit has its own results")
  func visits() throws {
    let configuration = try Self.configuration("nap") {
      $0.cycles = 2
      $0.updatesPerTask = 3
    }
    var run = try ContinualLanguage.start(configuration, seed: 0, device: .cpu)
    let values = try rest(&run)
    #expect(values.filter { $0.metric == .onlineLoss }.map(\.task) == [0, 1, 2, 3])
    #expect(ContinualLanguage.taskRow(configuration)?.taskCount == 4)
  }

  @Test("The audit finds projected matrices scale-invariant under NaP")
  func audit() throws {
    let run = try ContinualLanguage.start(Self.configuration("nap"), seed: 0, device: .cpu)
    let report = try run.audit()
    #expect(report.refusals.isEmpty, "\(report)")
    #expect(report.rows.filter { $0.isProjected && $0.verdict == .exact }.count >= 3)
  }

  @Test("What cannot be is refused with its key")
  func refusals() throws {
    func refused(_ words: String, _ change: (inout LanguageConfiguration) -> Void) throws {
      let configuration = try Self.configuration("nap", change)
      #expect {
        _ = try Language.validate(configuration)
        _ = try Language.start(configuration, seed: 0, device: .cpu)
      } throws: {
        "\($0)".contains(words)
      }
    }
    try refused("texts: expected at least one") { $0.texts = [] }
    try refused("network.vocabulary: expected 256") { $0.network.vocabulary = 100 }
    try refused("microBatches: expected at most batchSize, 6") { $0.microBatches = 7 }
    try refused("cycles") { $0.cycles = 0 }
    try refused("shorter windows") { $0.network.context = 200_000 }
    try refused("tiny-shakespear") { $0.texts = ["tiny-shakespear"] }
    try refused("average.decay must be at least 0 (none) and below 1") { $0.average.decay = 1 }
    try refused("heads") { $0.network.blocks.heads = 5 }
  }
}

extension Double {
  fileprivate var logarithm: Double { Tensor(self, dtype: .float64).logarithm().item }
}
