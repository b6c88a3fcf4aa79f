import Foundation
import Networks
import RunStore
import TestSupport
import Testing
import Texts
import Torch
import Training

@testable import Experiments

/// New runs from a checkpoint of another, and runs that go on beyond their end.
@Suite struct ForkTests {
  private func request<R: Recipe>(
    _ recipe: R.Type, _ configuration: R.Configuration, arm: String = "nap"
  ) -> TrainingSession<R>.Request {
    .init(preset: "p", arm: arm, configuration: configuration, seed: 3, device: .cpu)
  }

  /// Trains a session to its end, or so many events.
  @discardableResult
  private func train<R: Recipe>(
    _ start: TrainingSession<R>, events: Int = .max, in store: Store
  ) throws -> Run {
    var session = start
    var count = 0
    while count < events, try session.next() != nil { count += 1 }
    if count == events { try session.interrupt() }
    return try store.run(session.run)
  }

  private func values(_ run: Run, _ store: Store) throws -> [MetricValue] {
    try store.values(of: run.id).filter { !Metric.ofTheMachine.contains($0.metric) }
  }

  private func checkpoint(_ run: Run, _ store: Store) throws -> Checkpoint {
    try Checkpoint(reading: store.folder(of: run.id).appending(path: Checkpoint.fileName))
  }

  private func expectEqual(_ left: Run, _ right: Run, _ store: Store) throws {
    #expect(try values(left, store) == values(right, store))
    let (one, two) = (try checkpoint(left, store).snapshot, try checkpoint(right, store).snapshot)
    #expect(one.values == two.values)
    #expect(one.tensors.map(\.name) == two.tensors.map(\.name))
    for (a, b) in zip(one.tensors, two.tensors) {
      #expect(a.tensor.isIdentical(to: b.tensor), "\(a.name)")
    }
  }

  @Test func `a fork with its parent's settings ends with the parent's bytes`() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      var configuration = Small.configuration()
      configuration.recording.keepCheckpointEveryTasks = 1
      let parent = try train(
        TrainingSession<RandomLabels>(request(RandomLabels.self, configuration), store: store),
        in: store)
      let fork = try TrainingSession<RandomLabels>(
        forking: parent, at: 24, changes: [], request(RandomLabels.self, configuration),
        store: store)
      #expect(fork.resumedAt == 24)
      #expect(try store.points(.taskEndLoss, of: fork.run).map(\.updates) == [12, 24])
      let child = try train(fork, in: store)
      #expect(child.parent == parent.id && child.parentUpdates == 24)
      try expectEqual(parent, child, store)
    }
  }

  @Test func `a fork that is stopped before it saves goes on from its own checkpoint`() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      var configuration = Small.configuration()
      configuration.recording.keepCheckpointEveryTasks = 1
      let parent = try train(
        TrainingSession<RandomLabels>(request(RandomLabels.self, configuration), store: store),
        in: store)
      let changes = [ConfigurationOverride(key: "optimizer.learningRate", value: "0.01")]
      let fork = try RunFork<RandomLabels>(parent, changes: changes)
      #expect(fork.arm == "nap[optimizer.learningRate=0.01]")
      let child: Run = try {
        let session = try TrainingSession<RandomLabels>(
          forking: parent, at: 36, changes: changes,
          request(RandomLabels.self, fork.configuration, arm: fork.arm), store: store)
        return try store.run(session.run)
      }()
      try store.end(child.id, as: .interrupted, wallSeconds: 0)
      let resumed = try TrainingSession<RandomLabels>(resuming: child, device: .cpu, store: store)
      #expect(resumed.resumedAt == 36)
      let done = try train(resumed, in: store)
      #expect(done.status == .finished)
      let rates = try store.points(.learningRate, of: child.id).map(\.value)
      #expect(rates.last == 0.01 && rates.first == 3e-3)
    }
  }

  @Test func `what cannot change across a fork is refused by its key, and nothing is left`() throws
  {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      var configuration = Small.configuration()
      configuration.recording.keepCheckpointEveryTasks = 2
      let parent = try train(
        TrainingSession<RandomLabels>(request(RandomLabels.self, configuration), store: store),
        in: store)
      let changes = [
        ConfigurationOverride(key: "optimizer.learningRate", value: "0.01"),
        ConfigurationOverride(key: "network.hidden", value: "32,32"),
      ]
      let fork = try RunFork<RandomLabels>(parent, changes: changes)
      let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      let error = #expect(throws: UsageError.self) {
        try TrainingSession<RandomLabels>(
          forking: parent, at: 24, changes: changes,
          request(RandomLabels.self, fork.configuration, arm: fork.arm), store: store)
      }
      #expect(error?.description.hasPrefix("--set network.hidden=32,32: ") == true)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
      let missing = #expect(throws: CheckpointError.self) {
        try TrainingSession<RandomLabels>(
          forking: parent, at: 12, changes: [], request(RandomLabels.self, configuration),
          store: store)
      }
      #expect(missing?.found == "those after 24, 48")
      // The end of the run, unless it becomes longer.
      #expect(throws: UsageError.self) {
        try TrainingSession<RandomLabels>(
          forking: parent, changes: [], request(RandomLabels.self, configuration), store: store)
      }
      #expect(try store.runs().count == 1)
    }
  }

  @Test(arguments: ["nap", "norm+cyclic", "nap/redo+l2"])
  func `an extended run ends as one of that length`(arm: String) throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      var configuration = try Small.configuration(Arm(arm))
      let short = try train(
        TrainingSession<RandomLabels>(
          request(RandomLabels.self, configuration, arm: arm), store: store), in: store)
      let longer = try RunExtension<RandomLabels>(short, "tasks=6")
      #expect(longer.remarks.isEmpty)
      // A process that ends before it saves leaves the old checkpoint beside the new length.
      _ = try TrainingSession<RandomLabels>(
        resuming: short, device: .cpu, store: store, extending: longer)
      try store.end(short.id, as: .interrupted, wallSeconds: 0)
      let extended = try train(
        TrainingSession<RandomLabels>(
          resuming: store.run(short.id), device: .cpu, store: store), in: store)
      #expect(extended.status == .finished && extended.resumptions.count == 2)
      configuration.tasks = 6
      let long = try train(
        TrainingSession<RandomLabels>(
          request(RandomLabels.self, configuration, arm: arm), store: store), in: store)
      #expect(extended.configuration == long.configuration)
      try expectEqual(long, extended, store)
    }
  }

  @Test func `an agent's run goes on to further visits and forks with its replay`() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      var configuration = try AgentTrainingTests.tiny()
      configuration.environments.visits = 1
      let half = try train(
        TrainingSession<Control>(request(Control.self, configuration), store: store), events: 100,
        in: store)
      #expect(half.status == .interrupted)
      let child = try train(
        TrainingSession<Control>(
          forking: half, changes: [], request(Control.self, configuration), store: store),
        in: store)
      let parent = try train(
        TrainingSession<Control>(resuming: half, device: .cpu, store: store), in: store)
      try expectEqual(parent, child, store)
      let longer = try RunExtension<Control>(parent, "visits=2")
      #expect(longer.remarks.count == 1)
      let extended = try train(
        TrainingSession<Control>(resuming: parent, device: .cpu, store: store, extending: longer),
        in: store)
      #expect(extended.status == .finished)
      #expect(try store.points(.visitReturn, of: extended.id).count == 6)
    }
  }

  @Test func `a length that is none, shorter or of a plan is refused, and a schedule is told`()
    throws
  {
    let configuration = Small.configuration()
    func run<C: Encodable>(
      _ recipe: String, _ configuration: C, arm: String = "nap", group: StoreIdentifier? = nil
    ) throws -> Run {
      Run(
        recipe: recipe, preset: "p", arm: arm, seed: 0, group: group,
        configuration: try JSONText.encode(configuration),
        provenance: .current(napVersion: "0", libtorchVersion: "0", device: "cpu", threadCount: 1))
    }
    let own = try run("random-labels", configuration)
    for text in ["tasks=4", "tasks=3", "tasks=x", "epochs=9", "tasks", "updatesPerTask=50"] {
      #expect(throws: UsageError.self, "\(text)") { try RunExtension<RandomLabels>(own, text) }
    }
    let planned = try run("random-labels", configuration, group: .make())
    #expect(throws: UsageError.self) { try RunExtension<RandomLabels>(planned, "tasks=9") }
    // The arm's schedule took its length from a task's.
    var single = configuration
    single.tasks = 1
    let restart = try Arm("nap+restart")
    let remarks = try RunExtension<RandomLabels>(
      run("random-labels", single.applying(restart), arm: "nap+restart"), "updates=24"
    ).remarks
    #expect(remarks.count == 1)
    // A decay over the whole run changes with it.
    var images = try #require(CIFAR.presets.first).configuration
    images.schedule = Schedule(.cosine(.init { $0.decayUpdates = 0 }))
    let whole = try RunExtension<CIFAR>(
      run("cifar", images), images.epochs > 0 ? "epochs=1000" : "updates=1000000")
    #expect(whole.remarks.contains { $0.contains("the schedule decays over the whole run") })
  }

  @Test func `a described run is the same run, and a key that it has not is refused`() throws {
    try withTemporaryFolder { folder in
      let configuration = Small.configuration()
      let described = try RunDescription(
        RandomLabels.self, preset: "p", arm: "nap", seed: 7, configuration: configuration)
      let file = folder.appending(path: "run.json")
      try described.text().write(to: file, atomically: true, encoding: .utf8)
      var read = try RunDescription(reading: file)
      #expect(try read.configuration(of: RandomLabels.self) == configuration)
      #expect((read.recipe, read.preset, read.arm, read.seed) == ("random-labels", "p", "nap", 7))
      read.configuration = read.configuration.replacingOccurrences(
        of: "\"learningRate\":", with: "\"learnngRate\":0.5,\"learningRate\":")
      let error = #expect(throws: UsageError.self) {
        try read.configuration(of: RandomLabels.self)
      }
      #expect(error?.description.contains("optimizer.learningRate") == true)
      for text in ["", "[]", "{\"recipe\": 3}", "{\"recipe\": \"x\"}"] {
        try text.write(to: file, atomically: true, encoding: .utf8)
        let refusal = #expect(throws: UsageError.self) { try RunDescription(reading: file) }
        #expect(refusal?.description.contains(file.path) == true)
      }
    }
  }
}
