extension SettingVariant {
  private static let images = [
    "data.source=procedural", "data.imageCount=48", "data.size=8", "network.hidden=12,12",
    "tasks=2", "updatesPerTask=4", "batchSize=16", "recording.probeCount=8",
    "recording.everyUpdates=2", "recording.evaluateEveryUpdates=3",
    "recording.checkpointEveryTasks=1", "recording.checkpointEveryUpdates=3",
    "recording.keepCheckpointEveryTasks=1", "recording.diagnosticsEveryUpdates=2",
  ]

  private static let classifier = [
    "data.source=procedural", "data.imageCount=24", "data.testCount=8", "updatesPerTask=4",
    "batchSize=8", "microBatches=2", "mixing.mixup=0.2", "mixing.cutmix=1", "labelSmoothing=0.1",
    "schedule.warmUpUpdates=1", "recording.probeCount=4", "recording.everyUpdates=2",
    "recording.evaluateEveryUpdates=3", "recording.checkpointEveryUpdates=3",
    "recording.diagnosticsEveryUpdates=2",
  ]

  private static let language = [
    "texts=tiny-shakespeare", "network.blocks.layers=1", "network.blocks.heads=2",
    "network.blocks.keyHeads=1", "network.blocks.headDimension=4", "network.blocks.features=8",
    "network.blocks.feedForward=8", "network.context=16", "updatesPerTask=4", "batchSize=4",
    "microBatches=2", "schedule.warmUpUpdates=1", "recording.everyUpdates=2",
    "recording.evaluateEveryUpdates=3", "recording.validationBatches=1",
    "recording.checkpointEveryUpdates=3", "recording.diagnosticsEveryUpdates=2",
  ]

  private static func network(_ kind: String, _ settings: [String]) -> SettingVariant {
    SettingVariant(
      name: kind, recipe: "random-labels",
      settings: ["network=\(kind)"] + images.filter { !$0.hasPrefix("network.") } + settings)
  }

  private static let agent = [
    "agent.network.torsoWidths=8", "agent.network.hiddenWidth=8", "agent.replay.capacity=200",
    "agent.learningStarts=20", "agent.batchSize=8", "agent.targetPeriod=16",
    "recording.everyRounds=4", "recording.evaluateEveryRounds=8", "recording.evaluationEpisodes=1",
    "recording.evaluationFrames=24", "recording.checkpointEveryRounds=8",
  ]

  private static func cartPole(_ name: String, _ settings: [String]) -> SettingVariant {
    SettingVariant(
      name: "control, \(name)", recipe: "control", preset: "cartpole",
      settings: agent + ["environments.framesPerVisit=80"] + settings)
  }

  /// Every kind of run.
  static let all: [SettingVariant] =
    [
      SettingVariant(
        name: "mlp and every method", recipe: "random-labels",
        settings: images + ["recording.diagnostics=all"], withMethods: true),
      network("cnn", ["network.channels=4,4,4", "network.hidden=8"]),
      network("vgg", ["network.channels=4,4", "network.convolutions=1,1", "network.hidden=8"]),
      network("resnet18", ["network.channels=4,4", "network.convolutions=1,1"]),
      SettingVariant(
        name: "steps and groups", recipe: "random-labels",
        settings: images + [
          "schedule.kind=step", "schedule.stepUpdates=2", "nap.normalization.kind=group:2",
          "nap.scaleAndOffset=decay:0.1", "optimizer.kind=rmsprop",
        ]),
      SettingVariant(
        name: "cycles", recipe: "random-labels",
        settings: images + [
          "schedule.kind=cyclic", "schedule.decayUpdates=4", "schedule.warmUpUpdates=1",
          "optimizer.kind=sgd", "optimizer.momentum=0.5", "optimizer.gradientClip=1",
          "network.dtype=float64",
        ]),
      SettingVariant(
        name: "cifar, residual", recipe: "cifar", preset: "smoke",
        settings: classifier + ["network.channels=4,4", "network.blocks=1,1"]),
      SettingVariant(
        name: "cifar, attention", recipe: "cifar", preset: "smoke",
        settings: classifier + [
          "network=vit", "network.patchSide=8", "network.blocks.layers=1", "network.blocks.heads=1",
          "network.blocks.keyHeads=1", "network.blocks.headDimension=4",
          "network.blocks.features=8", "network.blocks.feedForward=8", "schedule.kind=trapezoid",
        ]),
      SettingVariant(
        name: "language", recipe: "language", preset: "smoke",
        settings: language + ["average.decay=0.9"]),
      SettingVariant(
        name: "language in sequence", recipe: "continual-language", preset: "smoke",
        settings: language.filter { !$0.hasPrefix("schedule.") && !$0.hasPrefix("texts=") }
          + ["texts=tiny-shakespeare,tiny-shakespeare"]),
      SettingVariant(name: "dead-units", recipe: "dead-units", settings: images),
      SettingVariant(name: "rescaling", recipe: "rescaling", settings: images),
      SettingVariant(name: "permuted-pixels", recipe: "permuted-pixels", settings: images),
      SettingVariant(
        name: "class-incremental", recipe: "class-incremental",
        settings: images + ["stream.testCount=16", "stream.epochsPerTask=1"]),
      SettingVariant(
        name: "warm-start", recipe: "warm-start",
        settings: images + ["stream.testCount=16", "stream.epochsPerTask=1"]),
      SettingVariant(
        name: "transformer", recipe: "grokking", preset: "quick",
        settings: [
          "data.addition.modulus=5", "network.layers=1", "network.heads=2",
          "network.headDimension=4", "network.modelDimension=8", "network.feedForward=8",
          "updatesPerTask=6", "batchSize=8", "schedule.warmUpUpdates=1", "schedule.decayUpdates=6",
          "recording.everyUpdates=2", "recording.evaluateEveryUpdates=3",
        ]),
      SettingVariant(
        name: "control, rainbow and every method", recipe: "control", preset: "cartpole",
        settings: agent + ["environments.framesPerVisit=80"], withMethods: true),
      cartPole("overlapping", ["agent.overlapsLearning=true", "agent.replay.compression=lz4"]),
      cartPole("actors", ["actors.count=2", "actors.refreshEveryRounds=3"]),
      cartPole(
        "scalar values",
        [
          "agent.network.distribution.kind=scalar", "agent.exploration=default",
          "agent.munchausen=default", "agent.replay.sampling=uniform",
        ]),
      cartPole("quantiles", ["agent.network.distribution.kind=quantile"]),
      cartPole(
        "implicit quantiles",
        [
          "agent.network.distribution.kind=implicitQuantile",
          "agent.network.distribution.sampleCount=4", "agent.network.distribution.cosineCount=4",
          "agent.network.distribution.actingSampleCount=4",
        ]),
      SettingVariant(
        name: "control, ppo", recipe: "control", preset: "cartpole",
        settings: [
          "agent=ppo", "agent.network.hiddenWidth=8", "agent.horizon=16", "agent.epochs=2",
          "agent.batchSize=8", "environments.framesPerVisit=80", "recording.everyRounds=2",
          "recording.evaluateEveryRounds=2", "recording.evaluationEpisodes=1",
          "recording.evaluationFrames=24", "recording.checkpointEveryRounds=2",
        ]),
      SettingVariant(
        name: "control, gridworld", recipe: "control", preset: "gridworld",
        settings: agent + [
          "environments.framesPerVisit=40", "environments.names=gridworld,gridworld",
          "environments.visits=2",
        ]),
      SettingVariant(
        name: "control, gymnasium", recipe: "control", preset: "cartpole",
        settings: agent + [
          "environments.framesPerVisit=40", "environments.names=gymnasium:CartPole-v1",
        ],
        package: "gymnasium"),
    ] + atari

  #if Arcade
    private static let atari = [
      SettingVariant(
        name: "atari", recipe: "atari", preset: "smoke",
        settings: agent.filter { !$0.contains("torsoWidths") } + ["environments.framesPerVisit=320"]
      )
    ]
  #else
    private static let atari: [SettingVariant] = []
  #endif
}
