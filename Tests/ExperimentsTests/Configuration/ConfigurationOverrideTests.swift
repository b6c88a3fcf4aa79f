import Datasets
import Networks
import NormalizeAndProject
import Testing
import Torch

@testable import Experiments

@Suite struct ConfigurationOverrideTests {
  private let base = RandomLabels.presets[0].configuration

  private func set(_ texts: String...) throws -> ContinualConfiguration {
    try texts.map { try ConfigurationOverride(parsing: $0) }.applied(to: base)
  }

  private func message(_ text: String) -> String {
    do {
      _ = try set(text)
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func `numbers, words, flags and lists change the field they name`() throws {
    let changed = try set(
      "tasks=7", "optimizer.learningRate=1e-2", "network.hidden=64,32", "data.source=mnist",
      "schedule.restartsAtTask=true", "nap.normalization.kind=rms", "optimizer.learningRate = 2")
    #expect(changed.tasks == 7)
    #expect(changed.optimizer.learningRate == 2)
    #expect(changed.network.hidden == [64, 32])
    #expect(changed.data.source == .mnist)
    #expect(changed.schedule.restartsAtTask)
    #expect(changed.nap.normalization.kind == .rms)
    var expected = base
    expected.tasks = 7
    expected.optimizer.learningRate = 2
    expected.network.hidden = [64, 32]
    expected.data.source = .mnist
    expected.schedule.restartsAtTask = true
    expected.nap.normalization.kind = .rms
    #expect(changed == expected)
  }

  @Test func `a network's name alone takes all its defaults, which later settings change`() throws {
    for kind in NetworkConfiguration.Kind.allCases {
      #expect(try set("network=\(kind.rawValue)").network == NetworkConfiguration(kind))
    }
    let changed = try set("network.channels=8,16", "network=resnet18").network
    #expect(changed.channels == [8, 16] && changed.convolutions == [2, 2, 2, 2])
    #expect(
      message("network=cnm").contains(
        "network is a group; write one of mlp, cnn, vgg, resnet18, transformer, or set one of its keys, network."
      ))
    #expect(message("optimizer=adam").contains("optimizer is a group"))
  }

  /// A setting of one kind, with what chooses the kind, and the kinds that have it.
  private static let ofKinds: [(choice: String, setting: String, words: String)] = [
    (
      "optimizer.kind=sgd", "optimizer.momentum=0.9",
      "optimizer.kind adam does not use it; sgd and rmsprop do"
    ),
    ("optimizer.kind=sgd", "optimizer.nesterov=true", "adam does not use it; sgd does"),
    ("optimizer.kind=rmsprop", "optimizer.smoothing=0.9", "adam does not use it; rmsprop does"),
    (
      "optimizer.kind=muon", "optimizer.muon.momentum=0.9",
      "adam does not use it; muon and muonh do"
    ),
    ("optimizer.kind=adamh", "optimizer.otherLearningRate=1", "muon, adamh and muonh do"),
    (
      "network=cnn", "network.kernels=3,3,3",
      "network.kind mlp does not use it; cnn and resnet18 do"
    ),
    ("network.kind=cnn", "network.channels=3,3,3", "cnn, vgg and resnet18 do"),
    ("network=vgg", "network.convolutions=1,1,1", "vgg and resnet18 do"),
    ("network=transformer", "network.heads=3", "mlp does not use it; transformer does"),
    (
      "schedule.kind=cosine", "schedule.finalRate=0.5",
      "constant does not use it; linear, cosine, cyclic and trapezoid do"
    ),
    ("schedule.kind=step", "schedule.stepFactor=0.5", "constant does not use it; step does"),
    ("schedule.kind=cyclic", "schedule.cycleEnd=9", "constant does not use it; cyclic does"),
    (
      "stream.kind=warmStart", "stream.firstShare=0.5",
      "randomLabels does not use it; warmStart does"
    ),
    ("stream.kind=classIncremental", "stream.classesPerTask=1", "classIncremental does"),
    (
      "stream.kind=stationary", "stream.testCount=1",
      "randomLabels does not use it; permutedPixels, classIncremental,"
    ),
    (
      "data.source=modular-addition", "data.addition.modulus=7",
      "data.source cifar-10 does not use it; modular-addition does"
    ),
  ]

  @Test func `a setting that the chosen kind does not use is refused by the kinds that do`() throws
  {
    for (choice, setting, words) in Self.ofKinds {
      #expect(message(setting).contains(words), "\(message(setting))")
      // With the kind it is taken, in either order, and is among the settings that are listed.
      let changed = try set(choice, setting)
      #expect(try set(setting, choice) == changed && changed != set(choice), "\(setting)")
      let key = setting.prefix { $0 != "=" }
      let rows = try ConfigurationListing.rows(changed)
      #expect(rows.contains { $0.key == key }, "\(setting)")
      #expect(try !ConfigurationListing.rows(base).contains { $0.key == key }, "\(setting)")
    }
    #expect(
      try set("optimizer.kind=sgd", "optimizer.momentum=0.9").optimizer.rule
        == .sgd(.init { $0.momentum = 0.9 }))
    #expect(throws: UsageError.self) { try set("optimizer.kind=sgd", "optimizer.beta1=0.5") }
  }

  @Test func `an agent's settings are refused where its kind does not use them`() throws {
    let rainbow = try Control.preset("cartpole").configuration
    let cases = [
      (
        "agent.network.distribution.kind=implicitQuantile",
        "agent.network.distribution.sampleCount=3",
        "agent.network.distribution.kind categorical does not use it; implicitQuantile does"
      ),
      ("agent.network.distribution.kind=quantile", "agent.network.distribution.atomCount=9", nil),
      ("agent=ppo", "agent.clip=0.3", "the chosen agent does not use it; ppo does"),
    ]
    for (choice, setting, words) in cases {
      let (first, second) = try (
        ConfigurationOverride(parsing: choice), ConfigurationOverride(parsing: setting)
      )
      #expect(try [first, second].applied(to: rainbow) == [second, first].applied(to: rainbow))
      guard let words else { continue }
      let error = #expect(throws: UsageError.self) { try [second].applied(to: rainbow) }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
    for setting in ["agent.network.isNoisy=true", "agent.learningStarts=3"] {
      let settings = try ["agent=ppo", setting].map(ConfigurationOverride.init(parsing:))
      let error = #expect(throws: UsageError.self) { try settings.applied(to: rainbow) }
      #expect(
        error?.description.contains("iqn and rainbow do") == true, "\(error?.description ?? "")")
    }
  }

  @Test func `a field that is absent by default can be set`() throws {
    #expect(base.optimizer.gradientClip == nil)
    #expect(try set("optimizer.gradientClip=10").optimizer.gradientClip == 10)
    #expect(
      try set("optimizer.gradientClip=10", "optimizer.gradientClip=null").optimizer.gradientClip
        == nil)
  }

  @Test func `an unknown key lists the nearest ones`() {
    #expect(message("taks=7").contains("did you mean tasks"))
    #expect(message("learningRate=1").contains("optimizer.learningRate"))
    #expect(message("optimizer.learning_rate=1").contains("optimizer.learningRate"))
    #expect(message("zzzzzzzz=1") == "--set zzzzzzzz=1: there is no key 'zzzzzzzz'")
    #expect(message("tasks.more=1").contains("there is no key"))
    #expect(message("=1").contains("expected key=value"))
    #expect(message("tasks").contains("expected key=value"))
  }

  @Test func `a value without end is shown in part, also one character made of thousands of marks`()
  {
    let marks = String(repeating: "\u{301}", count: 10_000)
    for text in [
      "tasks=\(marks)", "data.source=mnist\(marks)", "e\(marks)=1", marks, "tasks=a\nb",
      String(repeating: "x", count: 10_000) + "=1",
    ] {
      let sentence = message(text)
      #expect(sentence.contains("--set") && sentence.utf8.count < 1_000, "\(sentence)")
      let isOneLine = !sentence.contains { $0.isNewline }
      #expect(isOneLine, "\(sentence)")
    }
  }

  @Test func `a wrong type says what is expected`() {
    #expect(message("tasks=many").contains("expected a whole number"))
    #expect(message("tasks=1.5").contains("whole number") || message("tasks=1.5").contains("1.5"))
    #expect(message("schedule.restartsAtTask=3").contains("expected true or false"))
    #expect(message("optimizer=adam").contains("is a group"))
    #expect(message("data.source=imagenet").contains("imagenet"))
    #expect(message("nap.normalization.kind=batch").contains("one of none, layer, rms"))
  }

  @Test func `the listing names every key that can be set`() throws {
    for (key, value) in try ConfigurationListing.rows(base) where value != "" {
      #expect(try set("\(key)=\(value)") == base, "\(key)=\(value)")
    }
  }

  @Test(arguments: [("kitten", "sitting", 3), ("", "abc", 3), ("same", "same", 0), ("ab", "ba", 2)])
  func `edit distance counts insertions, deletions and substitutions`(
    left: String, right: String, distance: Int
  ) {
    #expect(Nearest.editDistance(left, right) == distance)
    #expect(Nearest.editDistance(right, left) == distance)
  }

  @Test(arguments: [
    ("lr=1", "did you mean optimizer.learningRate?"),
    ("optimizer.lr=1", "did you mean optimizer.learningRate?"),
    ("optimizer.eps=1", "did you mean optimizer.epsilon?"),
    ("learning_rate=1", "did you mean optimizer.learningRate?"),
    ("seed=3", "write --seed N"), ("device=cuda", "write --device NAME"),
    ("arm=nap", "write --arm NAME"), ("threads=2", "write --threads N"),
    ("bs=8", "did you mean batchSize?"),
    ("optimizer.frobnicate=1", "the keys of optimizer are optimizer."),
    ("recording.x=1", "recording.checkpointEveryTasks"), ("taks=1", "did you mean tasks?"),
  ])
  func `a key that is not there leads to the one that is meant`(text: String, words: String) throws
  {
    let override = try ConfigurationOverride(parsing: text)
    let error = #expect(throws: UsageError.self) { try override.applied(to: base) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test func `an agent's settings are found by their other words, too`() throws {
    let agent = try Control.preset("cartpole").configuration
    for (text, words) in [
      ("lr=1", "agent.optimizer.learningRate"), ("agent.lr=1", "agent.optimizer.learningRate"),
      ("gamma=1", "agent.replay.discount"), ("seed=1", "--seed N"),
      ("agent.replay.size=1", "the keys of agent.replay are agent.replay.capacity"),
    ] {
      let override = try ConfigurationOverride(parsing: text)
      let error = #expect(throws: UsageError.self) { try override.applied(to: agent) }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
  }
}
