import Datasets
import Networks
import RunStore
import TensorTestSupport
import TestSupport
import Testing
import Training

@testable import Experiments
@testable import Torch

@Suite("Every supervised recipe, over two processes and without waiting for its device")
struct SharedRecipeTests {
  /// A recipe with settings that make it small.
  struct Case: Sendable, CustomTestStringConvertible {
    let recipe: any Recipe.Type
    let preset: String
    let arm: String
    let settings: [String]

    init(
      _ recipe: any Recipe.Type, _ preset: String, _ settings: String, arm: String = "nap",
      updatesPerTask: Int? = 6
    ) {
      (self.recipe, self.preset, self.arm) = (recipe, preset, arm)
      self.settings =
        settings.split(separator: " ").map(String.init)
        + (updatesPerTask.map { ["updatesPerTask=\($0)"] } ?? [])
        + ["recording.everyUpdates=1", "recording.evaluateEveryUpdates=0"]
    }

    var testDescription: String { "\(recipe.name) \(preset) \(arm)" }

    /// The losses of a run of the recipe, and its weights at the end.
    func trained(_ more: [String] = []) throws -> Trained {
      func trained<R: Recipe>(_ recipe: R.Type) throws -> Trained {
        var run = try start(R.self, more)
        var found = Trained()
        while let event = try run.next() {
          found.losses += event.measurements.filter { "\($0.metric)".hasSuffix("loss") }
            .map { .init(name: "\($0.metric) \($0.scope) \($0.updates)", value: $0.value) }
        }
        found.weights = (run as? any NetworkOwner)?.weights ?? []
        return found
      }
      return try trained(recipe)
    }

    /// What each of so many updates reads from the device, when none is measured.
    func reads() throws -> [Int] {
      func reads<R: Recipe>(_ recipe: R.Type) throws -> [Int] {
        var run = try start(R.self, ["recording.everyUpdates=0"])
        return try (0..<4).map { _ in try HostReads.counting { _ = try run.next() }.count }
      }
      return try reads(recipe)
    }

    private func start<R: Recipe>(_ recipe: R.Type, _ more: [String]) throws -> R.Training {
      let base = try (settings + more).map(ConfigurationOverride.init(parsing:))
        .applied(to: R.preset(preset).configuration)
      return try R.start(R.configuration(base, arm: arm), seed: 1, device: .cpu)
    }
  }

  struct Trained: Sendable {
    struct Loss: Sendable {
      let name: String
      let value: Double
    }
    var losses: [Loss] = []
    var weights: [Double] = []
  }

  private static let images = "data.source=procedural batchSize=16 data.imageCount=48"
  private static let tiny =
    "batchSize=4 network.context=16 network.blocks.features=16 network.blocks.heads=2 "
    + "network.blocks.keyHeads=2 network.blocks.feedForward=32"

  static let cases: [Case] = [
    Case(RandomLabels.self, "short", "\(images) tasks=2"),
    Case(
      RandomLabels.self, "cnn",
      "\(images) data.size=8 tasks=2 network.channels=4,4 network.kernels=3,3 network.strides=1,2",
      arm: "fresh"),
    Case(DeadUnitRecovery.self, "quick", "\(images) tasks=2", arm: "adam+layer"),
    Case(Rescaling.self, "exact", images, arm: "projection"),
    Case(
      PermutedPixels.self, "small", "\(images) tasks=2 stream.epochsPerTask=2", updatesPerTask: nil),
    Case(
      ClassIncremental.self, "small",
      "\(images) data.imageCount=400 stream.epochsPerTask=1 stream.testCount=8",
      updatesPerTask: nil),
    Case(
      WarmStart.self, "small-50",
      "\(images) data.imageCount=400 stream.epochsPerTask=1 stream.testCount=8",
      updatesPerTask: nil),
    Case(Grokking.self, "quick", "data.addition.modulus=7"),
    Case(
      CIFAR.self, "smoke", "data.source=procedural data.imageCount=32 batchSize=8", arm: "plain"),
    Case(CIFAR.self, "vit-small", "\(images) network.blocks.layers=1 schedule.warmUpUpdates=2"),
    Case(Language.self, "smoke", tiny),
    Case(
      ContinualLanguage.self, "smoke", tiny + " texts=tiny-shakespeare,tiny-shakespeare",
      arm: "plain"),
  ]

  @Test("The table has every recipe that processes can share")
  func complete() {
    // Images of folders have tests of their own: "Images that several processes share out".
    let known = Set(Self.cases.map { $0.recipe.name } + [ImageNet.name])
    #expect(Set(Recipes.all.filter { $0.isShareable }.map { $0.name }) == known)
  }

  @Test("In float64 two processes have the losses of one, and its weights", arguments: cases)
  func losses(_ one: Case) throws {
    let precise = ["network.dtype=float64"]
    let whole = try one.trained(precise)
    try #require(whole.losses.count >= 4 && !whole.weights.isEmpty)
    let shared = try withRanks(2, timeout: 60) { group in
      try DataParallel(group, synchronizesStatistics: true).during { try one.trained(precise) }
    }
    for result in shared {
      let found = try result.get()
      #expect(found.losses.map(\.name) == whole.losses.map(\.name))
      for (own, other) in zip(found.losses, whole.losses) {
        #expect(abs(own.value - other.value) < 1e-9, "\(own.name)")
      }
      #expect(found.weights.count == whole.weights.count)
      let difference = zip(found.weights, whole.weights).map { abs($0 - $1) }.max() ?? .infinity
      #expect(difference < 1e-9)
    }
  }

  @Test("In bfloat16 two processes keep the same weights, to the bit", arguments: [10, 11])
  func halfPrecision(index: Int) throws {
    let one = Self.cases[index]
    let settings = ["computation.precision=bfloat16"]
    let whole = try one.trained(settings)
    let shared = try withRanks(2, timeout: 60) { group in
      try DataParallel(group).during { try one.trained(settings) }
    }.map { try $0.get() }
    #expect(shared[0].weights == shared[1].weights && !shared[0].weights.isEmpty)
    for (own, other) in zip(shared[0].losses, whole.losses) {
      #expect(abs(own.value - other.value) < 0.05, "\(own.name)")
    }
  }

  @Test("An update that is not measured reads nothing from the device", arguments: cases)
  func reads(_ one: Case) throws {
    #expect(try one.reads() == [0, 0, 0, 0])
  }
}

/// A run that has a network.
private protocol NetworkOwner {
  var parameters: [NamedParameter] { get }
}

extension SupervisedTraining: NetworkOwner {}

extension NetworkOwner {
  fileprivate var weights: [Double] {
    parameters.flatMap { $0.parameter.value.converted(to: .float64).doubles }
  }
}
