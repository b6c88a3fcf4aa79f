import Datasets
import Torch

/// Examples with their classes.
struct LabelledExamples {
  /// (N, …) in the network's element type; int64 tokens for one that reads them.
  var inputs: Tensor
  /// (N) int64.
  var labels: Tensor

  /// N.
  var count: Int { labels.shape[0] }
}

/// What a network learns in one task.
struct TaskData {
  /// What it trains on.
  var training: LabelledExamples
  /// What it has not seen, if the stream has any.
  var test: LabelledExamples?
}

/// The tasks of a continual run, one after another.
///
/// A stream draws from generators split from the run's seed. A task depends only on the seed and its index, or on what
/// ``save(into:)`` saves.
protocol TaskStream {
  /// Examples that a task trains on.
  func exampleCount(ofTask index: Int) -> Int

  /// Begins a task; called for 0, 1, … in order, except in a resumed run.
  mutating func begin(_ index: Int) throws -> TaskData

  /// Saves the state that later tasks depend on.
  func save(into state: inout State) throws

  /// Continues from a state saved in a task.
  ///
  /// - Returns: that task's data; `nil` when no task had begun.
  mutating func restore(_ state: State, task index: Int?) throws -> TaskData?
}

extension TaskStream {
  /// Nothing: tasks depend only on the seed.
  func save(into state: inout State) throws {}

  /// The task drawn again.
  mutating func restore(_ state: State, task index: Int?) throws -> TaskData? {
    try index.map { try begin($0) }
  }
}

extension TaskStreamConfiguration {
  /// The stream over the examples of a run.
  ///
  /// - Throws: ``UsageError`` when the images have too few classes.
  func stream(
    _ task: ClassificationTask, tasks: Int, draws: SeededGenerator
  ) throws -> any TaskStream {
    switch change {
    case .randomLabels(let settings):
      return RandomLabelStream(
        task: task, share: settings.relabeledShare, generator: draws.split("labels"))
    case .permutedPixels:
      return PermutedPixelStream(task: task, generator: draws.split("permutations"))
    case .classIncremental(let settings):
      let classesPerTask = settings.classesPerTask
      guard classesPerTask * tasks <= task.classCount else {
        throw UsageError(
          "tasks: expected at most \(task.classCount / classesPerTask) tasks of "
            + "\(classesPerTask) new classes among \(task.classCount), found \(tasks); "
            + "set tasks or stream.classesPerTask")
      }
      return ClassIncrementalStream(
        task: task, classesPerTask: classesPerTask, generator: draws.split("classes"))
    case .warmStart(let settings):
      return WarmStartStream(
        task: task, firstShare: settings.firstShare, generator: draws.split("warm-start"))
    case .stationary: return StationaryStream(task: task)
    }
  }
}
