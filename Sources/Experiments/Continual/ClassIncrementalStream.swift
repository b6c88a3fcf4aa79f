import Datasets
import Torch

/// True labels and more classes with every task; the images of earlier tasks' classes stay.
///
/// The order of the classes is drawn from the seed. The output layer has a unit for every class from the
/// start, and the test set holds the classes seen so far.
/// Source: the class-incremental CIFAR-100 of Dohare et al. 2024 (Nature 632), sizes as configured.
struct ClassIncrementalStream: TaskStream {
  let task: ClassificationTask
  let classesPerTask: Int
  private let order: [Int]

  init(task: ClassificationTask, classesPerTask: Int, generator: SeededGenerator) {
    self.task = task
    self.classesPerTask = classesPerTask
    var draws = generator
    order = draws.permutation(of: task.classCount)
  }

  private func classes(_ index: Int) -> Set<Int> {
    Set(order.prefix((index + 1) * classesPerTask))
  }

  func exampleCount(ofTask index: Int) -> Int {
    let seen = classes(index)
    return task.labels.count { seen.contains($0) }
  }

  mutating func begin(_ index: Int) throws -> TaskData {
    let seen = classes(index)
    func chosen(_ examples: LabelledExamples, _ labels: [Int]) throws -> LabelledExamples {
      let rows = labels.indices.filter { seen.contains(labels[$0]) }
      guard !rows.isEmpty else {
        throw UsageError(
          "data.imageCount: expected images of each of the \(seen.count) classes of task "
            + "\(index + 1), found none; choose more images")
      }
      let places = Tensor(rows, device: task.inputs.device)
      return LabelledExamples(inputs: examples.inputs[places], labels: examples.labels[places])
    }
    return TaskData(
      training: try chosen(task.data.training, task.labels),
      test: try task.data.test.map { try chosen($0, task.testLabels) })
  }
}
