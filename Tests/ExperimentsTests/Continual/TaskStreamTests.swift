import Datasets
import Foundation
import Networks
import RunStore
import Testing
import Torch
import Training

@testable import Experiments

/// Runs of each stream on built-in images.
enum SmallStream {
  static func configuration(
    _ stream: TaskStreamConfiguration, tasks: Int
  ) -> ContinualConfiguration {
    var configuration = ContinualConfiguration(
      data: TaskDataConfiguration(source: .procedural, imageCount: 60, size: 8),
      network: .mlp([24, 24]), optimizer: OptimizerConfiguration(learningRate: 3e-3),
      stream: stream, tasks: tasks, updatesPerTask: 7, batchSize: 16)
    configuration.recording.probeCount = 8
    return configuration
  }

  static func training(
    _ stream: TaskStreamConfiguration, tasks: Int, seed: Int = 0, arm: String = "nap"
  ) throws -> ContinualTraining {
    try PermutedPixels.start(
      configuration(stream, tasks: tasks).applying(Arm(arm)), seed: seed, device: .cpu)
  }

  static let all: [(name: String, stream: TaskStreamConfiguration, tasks: Int)] = [
    (
      "permuted",
      TaskStreamConfiguration(.permutedPixels(.init { $0.testCount = 20 }), epochsPerTask: 1), 3
    ),
    (
      "incremental",
      TaskStreamConfiguration(
        .classIncremental(.init { ($0.classesPerTask, $0.testCount) = (2, 40) }),
        epochsPerTask: 2), 3
    ),
    (
      "warm",
      TaskStreamConfiguration(.warmStart(.init { $0.firstShare = 0.5 }), epochsPerTask: 2), 2
    ),
    ("labels", TaskStreamConfiguration(), 3),
  ]
}

@Suite struct TaskStreamTests {
  private func image() throws -> ClassificationTask {
    try ClassificationTask(
      TaskDataConfiguration(source: .procedural, imageCount: 60, size: 8), testCount: 30,
      folder: DataFolder(), device: .cpu)
  }

  @Test func `permuted pixels keep labels and each image's values, and differ between tasks`()
    throws
  {
    let image = try image()
    var stream = PermutedPixelStream(task: image, generator: SeededGenerator(seed: 1))
    let first = try stream.begin(0)
    let second = try stream.begin(1)
    #expect(try stream.begin(0).training.inputs.isIdentical(to: first.training.inputs))
    #expect(!first.training.inputs.isIdentical(to: second.training.inputs))
    #expect(first.training.labels.integers == image.labels)
    let original = image.inputs[0][0].floats
    for data in [first, second] {
      let moved = data.training.inputs[0][0].floats
      #expect(moved.sorted() == original.sorted() && moved != original)
    }
    // One permutation for all images and channels, test images included.
    let test = try #require(first.test)
    let originalTest = try #require(image.data.test)
    let places = originalTest.inputs[0][0].floats
    let seen = test.inputs[0][0].floats
    let trained = first.training.inputs[0][0].floats
    for (position, value) in trained.enumerated() {
      let candidates = original.indices.filter { original[$0] == value }
      if candidates.count == 1 { #expect(seen[position] == places[candidates[0]]) }
    }
  }

  @Test func `classes grow, stay, and cover the test set as far as they were seen`() throws {
    let image = try image()
    var stream = ClassIncrementalStream(
      task: image, classesPerTask: 3, generator: SeededGenerator(seed: 2))
    var before: Set<Int> = []
    for index in 0..<3 {
      let data = try stream.begin(index)
      let classes = Set(data.training.labels.integers)
      #expect(classes.count <= 3 * (index + 1) && before.isSubset(of: classes))
      #expect(data.training.count == stream.exampleCount(ofTask: index))
      let tested = data.test.map { Set($0.labels.integers) } ?? []
      #expect(tested.isSubset(of: classes))
      before = classes
    }
    // The order of the classes is the seed's.
    let orders = try (0..<8).map { seed in
      var other = ClassIncrementalStream(
        task: image, classesPerTask: 1, generator: SeededGenerator(seed: UInt64(seed)))
      return try Set(other.begin(0).training.labels.integers)
    }
    #expect(Set(orders).count > 2)
  }

  @Test func `a warm start trains on the share first and on everything then`() throws {
    let image = try image()
    var stream = WarmStartStream(
      task: image, firstShare: 0.25, generator: SeededGenerator(seed: 1))
    let first = try stream.begin(0)
    #expect(first.training.count == 15 && stream.exampleCount(ofTask: 0) == 15)
    #expect(try stream.begin(1).training.inputs.isIdentical(to: image.inputs))
    #expect(first.test?.count == 30)
  }

  @Test func `a run's length is the sum of its tasks' passes`() throws {
    let configuration = SmallStream.configuration(
      TaskStreamConfiguration(.warmStart(.init { $0.firstShare = 0.5 }), epochsPerTask: 2), tasks: 3
    )
    var training = try PermutedPixels.start(configuration, seed: 0, device: .cpu)
    // 30 images: 2 batches of 16 a pass; 60 images: 4.
    #expect(training.totalUpdates == 4 + 8 + 8)
    var ends: [Int] = []
    while let event = try training.next() { if event.endsTask { ends.append(event.updates) } }
    #expect(ends == [4, 12, 20])
  }

  @Test func `lengths find the task of every update`() {
    let lengths = TaskLengths([4, 1, 8])
    #expect(lengths.total == 13)
    let places = (0..<13).map { lengths.place(after: $0) }
    #expect(places.map(\.task) == [0, 0, 0, 0, 1, 2, 2, 2, 2, 2, 2, 2, 2])
    #expect(places.map(\.updateInTask) == [0, 1, 2, 3, 0, 0, 1, 2, 3, 4, 5, 6, 7])
    #expect(
      (0...13).map { lengths.lastTask(after: $0) } == [nil, 0, 0, 0, 0, 1]
        + [Int?](repeating: 2, count: 8))
  }

  @Test(arguments: SmallStream.all.map(\.name))
  func `run N+M equals run N, stop, resume, run M, whatever changes`(name: String) throws {
    let entry = try #require(SmallStream.all.first { $0.name == name })
    let total = try SmallStream.training(entry.stream, tasks: entry.tasks).totalUpdates
    for arm in ["nap", "fresh"] {
      for stop in [0, 1, total / 3, total / 2, total - 1] {
        var whole = try SmallStream.training(entry.stream, tasks: entry.tasks, arm: arm)
        _ = try whole.advance(stop)
        var resumed = try SmallStream.training(entry.stream, tasks: entry.tasks, arm: arm)
        try resumed.restore(whole.snapshot())
        #expect(try whole.advance(total) == resumed.advance(total))
        let (a, b) = (try whole.snapshot(), try resumed.snapshot())
        #expect(a.values == b.values)
        for (left, right) in zip(a.tensors, b.tensors) {
          #expect(left.tensor.isIdentical(to: right.tensor), "\(left.name) at \(stop)")
        }
      }
    }
  }

  @Test func `what cannot be streamed is refused by its key`() throws {
    func refusal(_ stream: TaskStreamConfiguration, tasks: Int) throws -> String {
      do {
        let configuration = SmallStream.configuration(stream, tasks: tasks)
        _ = try configuration.validated()
        _ = try PermutedPixels.start(configuration, seed: 0, device: .cpu)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(try refusal(.init(.warmStart), tasks: 1).contains("tasks=2"))
    #expect(
      try refusal(.init(.warmStart(.init { $0.firstShare = 0 })), tasks: 2).contains(
        "stream.firstShare"))
    #expect(
      try refusal(.init(.stationary(.init { $0.testCount = -1 })), tasks: 2).contains(
        "stream.testCount"))
    #expect(
      try refusal(.init(.classIncremental(.init { $0.classesPerTask = 4 })), tasks: 9)
        .contains("stream.classesPerTask"))
  }

  @Test func `a configuration stored before there were streams is one of random labels`() throws {
    let configuration = SmallStream.configuration(TaskStreamConfiguration(), tasks: 2)
    var object = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(configuration)) as? [String: Any])
    #expect(object.removeValue(forKey: "stream") != nil)
    let old = try JSONDecoder().decode(
      ContinualConfiguration.self, from: JSONSerialization.data(withJSONObject: object))
    #expect(old == configuration)
  }

  @Test(arguments: Recipes.all.map { $0.name })
  func `every preset of every recipe is valid in every arm`(name: String) throws {
    func check<R: Recipe>(_ recipe: R.Type) throws {
      for preset in R.presets {
        for arm in R.arms {
          _ = try R.validate(R.configuration(preset.configuration, arm: arm.name))
        }
        #expect(preset.arms.allSatisfy { arm in R.arms.contains { $0.name == arm } })
      }
    }
    try check(Recipes.named(name))
  }
}
