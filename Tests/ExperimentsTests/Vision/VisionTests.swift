import Datasets
import Foundation
import Networks
import NormalizeAndProject
import RunStore
import TestSupport
import TensorTestSupport
import Testing
import Torch
import Training

@testable import Experiments

/// A configuration of few built-in images, and how runs of it are driven.
enum VisionFixture {
  static func configuration(
    _ arm: String, network: VisionNetwork.Kind = .resnet,
    _ change: (inout VisionConfiguration) -> Void = { _ in }
  ) throws -> VisionConfiguration {
    var images = VisionData.Resident()
    (images.imageCount, images.testCount, images.margin) = (40, 24, 3)
    var base = try CIFAR.preset("smoke").configuration
    base.data = .procedural(images)
    switch network {
    case .resnet: base.network = .resnet(ResNet(blocks: [1, 1], channels: [4, 6]))
    case .vit:
      base.network = .vit(
        ViT(
          patchSide: 8, blocks: TransformerBlocks(layers: 1, heads: 2, features: 8),
          readout: .average))
      base.nap = base.network.nap
    }
    base.optimizer = OptimizerConfiguration(learningRate: 1e-3)
    base.schedule = Schedule(kind: .cosine)
    base.updatesPerTask = 12
    base.batchSize = 12
    base.mixing.mixup = 0.2
    base.mixing.cutmix = 1
    base.labelSmoothing = 0.1
    base.recording.everyUpdates = 3
    base.recording.evaluateEveryUpdates = 5
    base.recording.probeCount = 5
    change(&base)
    return try CIFAR.configuration(base, arm: arm)
  }

  static func rest(_ run: inout VisionTraining, until end: Int = .max) throws -> [MetricValue] {
    var values: [MetricValue] = []
    while run.updates < end, let event = try run.next() { values += event.measurements }
    return values
  }
}

@Suite("Classifiers of images")
struct VisionTests {
  @Test("bfloat16 is refused on a GPU that has none, and nowhere else")
  func bfloat16() throws {
    var computation = Computation()
    try computation.requirePrecision(on: .cuda(0), capability: (7, 5))
    computation.precision = .bfloat16
    try computation.requirePrecision(on: .cpu, capability: nil)
    try computation.requirePrecision(on: .cuda(0), capability: (8, 0))
    #expect {
      try computation.requirePrecision(on: .cuda(0), capability: (7, 5))
    } throws: {
      "\($0)".contains("computation.precision: expected full") && "\($0)".contains("7.5")
    }
  }

  @Test func `axes speak of label resets only where labels are drawn anew`() {
    let speaking = Recipes.all.filter { $0.taskAxisTitle == "label resets" }.map { $0.name }
    #expect(speaking == ["random-labels"])
    #expect(CIFAR.taskAxisTitle == "tasks" && Language.taskAxisTitle == "tasks")
  }

  @Test(
    "A run that goes on in the middle of an epoch comes to the same bytes",
    arguments: ["plain", "project", "norm", "nap/hyperball"], VisionNetwork.Kind.allCases)
  func resumes(arm: String, network: VisionNetwork.Kind) throws {
    let configuration = try VisionFixture.configuration(arm, network: network) {
      $0.microBatches = 2
      $0.recording.diagnostics = ["weight-drift"]
      $0.recording.diagnosticsEveryUpdates = 3
    }
    func start() throws -> VisionTraining {
      try CIFAR.start(configuration, seed: 1, device: .cpu)
    }
    var whole = try start()
    // Three batches are an epoch.
    _ = try VisionFixture.rest(&whole, until: 7)
    let saved = try whole.snapshot().copied()
    let expected = try VisionFixture.rest(&whole)
    var resumed = try start()
    try resumed.restore(saved)
    #expect(try VisionFixture.rest(&resumed) == expected)
    for (left, right) in zip(try whole.snapshot().tensors, try resumed.snapshot().tensors) {
      #expect(left.name == right.name && left.tensor.isIdentical(to: right.tensor), "\(left.name)")
    }
  }

  @Test("A batch in parts gives the update of the whole batch, mixed as it is")
  func parts() throws {
    func losses(_ parts: Int) throws -> [Double] {
      let configuration = try VisionFixture.configuration("nap") {
        $0.microBatches = parts
        $0.network = .resnet(ResNet(blocks: [1], channels: [4], dtype: .float64))
        $0.recording.everyUpdates = 1
      }
      var run = try CIFAR.start(configuration, seed: 1, device: .cpu)
      return try VisionFixture.rest(&run).filter { $0.metric == .trainingLoss }.map(\.value)
    }
    let whole = try losses(1)
    #expect(whole.count == 12)
    for parts in [2, 5] {
      for (one, other) in zip(whole, try losses(parts)) { #expect(abs(one - other) < 1e-9) }
    }
  }

  @Test("A network learns, in every arm, and what is recorded fits", arguments: ["plain", "nap"])
  func learns(arm: String) throws {
    let configuration = try VisionFixture.configuration(arm) {
      // Mirrored, some of the built-in classes are others.
      var images = VisionData.Resident()
      (images.imageCount, images.testCount, images.margin, images.flips) = (240, 60, 2, false)
      $0.data = .procedural(images)
      ($0.epochs, $0.updatesPerTask) = (6, 0)
      $0.optimizer.learningRate = 1e-2
      $0.mixing = ImageMixing()
      $0.recording.evaluateEveryUpdates = 40
    }
    var run = try CIFAR.start(configuration, seed: 0, device: .cpu)
    #expect(run.totalUpdates == 120)
    let values = try VisionFixture.rest(&run)
    let accuracies = values.filter { $0.metric == .testAccuracy }
    #expect(accuracies.map(\.updates) == [40, 80, 120])
    #expect(try #require(accuracies.last).value > 0.3)
    let near = values.filter { $0.metric == .topFiveAccuracy }
    for (one, five) in zip(accuracies, near) { #expect(one.value <= five.value) }
    #expect(near.count == 3 && (near.last?.value ?? 0) > 0.7)
    #expect(values.contains { $0.metric == .onlineAccuracy })
    // A cosine without a length of its own ends at the run's last update.
    let rates = values.filter { $0.metric == .learningRate && $0.scope.isEmpty }.map(\.value)
    #expect((rates.last ?? 1) < 1e-3)
  }

  @Test("Arms of a ResNet keep or replace its batch normalizations, and a ViT has its own method")
  func arms() throws {
    func network(_ arm: String) throws -> Learner {
      let configuration = try VisionFixture.configuration(arm)
      return try CIFAR.start(configuration, seed: 0, device: .cpu).learner
    }
    func hasBatchNorm(_ learner: Learner) -> Bool {
      learner.network.namedTensors.contains { $0.name.hasSuffix("running_mean") }
    }
    for arm in ["plain", "project"] { #expect(hasBatchNorm(try network(arm)), "\(arm)") }
    for arm in ["norm", "nap"] { #expect(!hasBatchNorm(try network(arm)), "\(arm)") }
    let project = try VisionFixture.configuration("project")
    #expect(project.nap == .batchNormalizedNetwork)
    #expect(try VisionFixture.configuration("nap").nap == .residualNetwork)
    let base = try CIFAR.preset("smoke").configuration
    let word = try [ConfigurationOverride(parsing: "network=vit")]
    let vit = try word.configuration(of: CIFAR.self, from: base, arm: "nap")
    #expect(vit.nap == .transformer && vit.network.kind == .vit)
    // The key keeps the method's settings; `blocks` of another model are not read.
    let key = try [ConfigurationOverride(parsing: "network.kind=vit")]
    #expect(try key.configuration(of: CIFAR.self, from: base, arm: "nap").network.kind == .vit)
    let own = try (word + [ConfigurationOverride(parsing: "nap.projection.every=7")])
      .configuration(of: CIFAR.self, from: base, arm: "nap")
    #expect(own.nap.projection.every == 7 && own.nap.scaleAndOffset == .decay(rate: 1))
  }

  @Test("The audit finds what is projected scale-invariant", arguments: VisionNetwork.Kind.allCases)
  func audit(network: VisionNetwork.Kind) throws {
    let configuration = try VisionFixture.configuration("nap", network: network)
    let report = try CIFAR.start(configuration, seed: 0, device: .cpu).audit()
    #expect(report.refusals.isEmpty, "\(report)")
    #expect(report.rows.contains { $0.isProjected && $0.verdict == .exact })
  }

  @Test("A rehearsal has the run's updates and ends", arguments: CIFAR.presets.map(\.name))
  func rehearses(preset: String) throws {
    var configuration = try CIFAR.preset(preset).configuration
    configuration.epochs = 3
    let short = CIFAR.rehearsal(configuration)
    #expect(short.configuration.updatesPerTask == 4 && short.configuration.epochs == 0)
    let warnings = try CIFAR.validate(short.configuration)
    #expect(try warnings == CIFAR.validate(configuration))
  }

  @Test("bfloat16 and recomputed activations train, with float32 weights")
  func precision() throws {
    let configuration = try VisionFixture.configuration("nap", network: .vit) {
      $0.computation.precision = .bfloat16
      $0.computation.recomputesActivations = true
    }
    var run = try CIFAR.start(configuration, seed: 0, device: .cpu)
    let values = try VisionFixture.rest(&run)
    #expect(values.last { $0.metric == .testLoss }?.value.isFinite == true)
    #expect(run.parameters.allSatisfy { $0.parameter.value.dtype == .float32 })
  }

  private static let hasImages =
    dataFolder.map {
      FileManager.default.fileExists(atPath: $0.appending(path: "imagenet-sample").path)
    } ?? false

  @Test(
    "A run on JPEGs goes on to the same bytes",
    .enabled(if: hasImages, "needs imagenet-sample in NAP_DATA"),
    arguments: [
      ("plain", "smoke"), ("project", "smoke-bottleneck"), ("norm", "smoke-vit"),
      ("nap", "smoke-bottleneck"), ("nap", "smoke-vit"),
    ])
  func folders(arm: String, preset: String) throws {
    var base = try ImageNet.preset(preset).configuration
    base.updatesPerTask = 4
    base.batchSize = 6
    base.recording.validationBatches = 1
    base.data = .folders(
      .init(
        training: try #require(dataFolder).path + "/imagenet-sample",
        test: try #require(dataFolder).path + "/imagenet-sample", side: 32, resizedSide: 36))
    let configuration = try ImageNet.configuration(base, arm: arm)
    _ = try ImageNet.validate(configuration)
    func start() throws -> VisionTraining {
      try ImageNet.start(configuration, seed: 1, device: .cpu)
    }
    var whole = try start()
    _ = try VisionFixture.rest(&whole, until: 3)
    let saved = try whole.snapshot().copied()
    let expected = try VisionFixture.rest(&whole)
    #expect(expected.contains { $0.metric == .topFiveAccuracy && $0.value.isFinite })
    var resumed = try start()
    try resumed.restore(saved)
    #expect(try VisionFixture.rest(&resumed) == expected)
    #expect(Set(whole.sources.keys) == ["test", "training"])
  }

  @Test(
    "A run on shards goes on to the same bytes on other threads, and counts what it leaves out",
    .enabled(if: hasImages, "needs imagenet-sample in NAP_DATA"))
  func shards() throws {
    let images = try #require(dataFolder).path + "/imagenet-sample"
    let folder = FileManager.default.temporaryDirectory.appending(path: "nap-shards-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var packing = ImagePacker.Settings()
    (packing.shortSide, packing.shardSize) = (40, 16)
    _ = try ImagePacker(images, to: folder, packing).pack(workers: 2, corrupt: .fatal) { _ in }
    // The first image loses its start; its bytes in the archive are of another kind then.
    let shard = try #require(FileHandle(forUpdatingAtPath: folder + "/shard-000000.tar"))
    try shard.seek(toOffset: 512)
    try shard.write(contentsOf: [1, 2, 3])
    try shard.close()
    func start(_ workers: Int, _ corrupt: CorruptImages = .skip) throws -> VisionTraining {
      var base = try ImageNet.preset("smoke").configuration
      (base.epochs, base.updatesPerTask, base.batchSize) = (2, 0, 11)
      base.recording.everyUpdates = 1
      base.recording.evaluateEveryUpdates = 0
      var settings = VisionData.Folders(training: folder, test: folder, side: 16, resizedSide: 20)
      (settings.workers, settings.prefetch, settings.corrupt) = (workers, workers, corrupt)
      (settings.randAugment, settings.jitter.hue, settings.jitter.contrast) = (2, 0.1, 0.4)
      base.data = .folders(settings)
      base.network = .resnet(ResNet(blocks: [1], channels: [4]))
      _ = try ImageNet.validate(base)
      return try ImageNet.start(base, seed: 1, device: .cpu)
    }
    var whole = try start(1)
    #expect(whole.totalUpdates == 8)
    // In the middle of the second epoch.
    _ = try VisionFixture.rest(&whole, until: 6)
    let saved = try whole.snapshot().copied()
    let expected = try VisionFixture.rest(&whole)
    var resumed = try start(3)
    try resumed.restore(saved)
    #expect(try VisionFixture.rest(&resumed) == expected)
    let skipped = expected.filter { $0.metric == .skippedImages }.map(\.value)
    #expect(skipped.last == 2 && whole.sources["training"] == folder)
    let error = #expect(throws: DatasetError.self) {
      var fatal = try start(2, .fatal)
      _ = try VisionFixture.rest(&fatal)
    }
    #expect(error?.path.contains("shard-000000.tar:n") == true)
  }

  @Test("What cannot be is refused with its key")
  func refusals() throws {
    func refused(
      _ words: String, network: VisionNetwork.Kind = .resnet,
      _ change: (inout VisionConfiguration) -> Void
    ) throws {
      #expect {
        let configuration = try VisionFixture.configuration("nap", network: network, change)
        _ = try CIFAR.validate(configuration)
        _ = try CIFAR.start(configuration, seed: 0, device: .cpu)
      } throws: {
        "\($0)".contains(words)
      }
    }
    try refused("microBatches: expected at most batchSize, 12") { $0.microBatches = 13 }
    try refused("updatesPerTask") { $0.updatesPerTask = 0 }
    try refused("labelSmoothing") { $0.labelSmoothing = 1.5 }
    try refused("mixing.mixup") { $0.mixing.mixup = -1 }
    try refused("mixing.cutmix") { $0.mixing.cutmix = 1e9 }
    try refused("data.margin") { $0.data = .procedural(.init(margin: 32)) }
    try refused("network.channels") { $0.network = .resnet(ResNet(channels: [])) }
    try refused("network.blocks") { $0.network = .resnet(ResNet(blocks: [1])) }
    try refused("network.patchSide must be a divisor of the image's sides 32 and 32") {
      $0.network = .vit(ViT(patchSide: 5, blocks: .init(layers: 1, heads: 1, features: 4)))
    }
    try refused("keyHeads") {
      $0.network = .vit(
        ViT(patchSide: 8, blocks: .init(layers: 1, heads: 3, keyHeads: 2, features: 6)))
    }
    try refused("headDimension", network: .vit) {
      $0.network = .vit(ViT(patchSide: 8, blocks: .init(layers: 1, heads: 7, features: 6)))
    }
    try refused("data.side") { $0.data = .folders(.init(side: 0)) }
    try refused("data.resizedSide") { $0.data = .folders(.init(side: 64, resizedSide: 63)) }
    try refused("data.jitter.hue") {
      var images = VisionData.Folders(training: "x")
      images.jitter.hue = 0.6
      $0.data = .folders(images)
    }
    try refused("data.prefetch") {
      var images = VisionData.Folders(training: "x")
      images.prefetch = 0
      $0.data = .folders(images)
    }
    try refused("a folder with one folder a class") {
      $0.data = .folders(.init(training: "/nowhere/at/all"))
    }
    try refused("schedule.decayUpdates") { $0.schedule.warmUpUpdates = 12 }
    try refused("1 to 1,000,000 images") { $0.data = .procedural(.init(imageCount: 2_000_000)) }
    #expect {
      _ = try VisionFixture.configuration("nap+cyclic") { $0.epochs = 2 }
    } throws: {
      "\($0)".contains("set updatesPerTask instead")
    }
  }
}

extension VisionData.Folders {
  fileprivate init(training: String = "none", side: Int = 32, resizedSide: Int = 36) {
    self.init(training: training, test: "none", side: side, resizedSide: resizedSide)
  }
}

extension VisionData.Resident {
  fileprivate init(imageCount: Int = 40, margin: Int = 4) {
    self.init()
    (self.imageCount, testCount, self.margin) = (imageCount, 24, margin)
  }
}
