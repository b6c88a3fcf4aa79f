import Datasets
import Torch

/// The same images with random labels. Each task draws a share of the labels again.
struct RandomLabelStream: TaskStream {
  let task: ClassificationTask
  let share: Double
  var generator: SeededGenerator
  var assignment: LabelAssignment?

  init(task: ClassificationTask, share: Double, generator: SeededGenerator) {
    self.task = task
    self.share = share
    self.generator = generator
  }

  func exampleCount(ofTask index: Int) -> Int { task.count }

  mutating func begin(_ index: Int) throws -> TaskData {
    let next =
      if let assignment {
        try assignment.redrawn(share: share, using: &generator)
      } else {
        try LabelAssignment(random: task.count, classCount: task.classCount, using: &generator)
      }
    assignment = next
    return data(next)
  }

  private func data(_ assignment: LabelAssignment) -> TaskData {
    TaskData(
      training: LabelledExamples(
        inputs: task.inputs, labels: Tensor(assignment.labels, device: task.inputs.device)))
  }

  func save(into state: inout State) throws {
    try state.add("labelGenerator", generator)
    if let assignment {
      // Labels are saved as a tensor, not as text: there may be tens of thousands.
      state.add("task", [("labels", Tensor(assignment.labels))])
    }
  }

  mutating func restore(_ state: State, task index: Int?) throws -> TaskData? {
    let generator = try state.value("labelGenerator", as: SeededGenerator.self)
    var restored: LabelAssignment?
    if let saved = state.part("task").tensorsByName["labels"] {
      guard saved.dtype == .int64, saved.elementCount == task.count else {
        throw StateError("it has \(saved.summary) as labels for \(task.count) images")
      }
      restored = try LabelAssignment(labels: saved.integers, classCount: task.classCount)
    } else if index != nil {
      throw StateError("it has no 'task.labels'")
    }
    self.generator = generator
    assignment = restored
    return restored.map(data)
  }
}
