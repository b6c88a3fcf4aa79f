import Datasets
import Torch

/// True labels; a part of the images first, all of them from the second task on.
///
/// Source: Ash & Adams 2020 (arXiv 1910.08475); METHOD 3.7 (Lyle et al. 2025).
struct WarmStartStream: TaskStream {
  let task: ClassificationTask
  private let rows: [Int]

  init(task: ClassificationTask, firstShare: Double, generator: SeededGenerator) {
    self.task = task
    var draws = generator
    let count = min(task.count, max(1, Int((firstShare * Double(task.count)).rounded())))
    rows = Array(draws.permutation(of: task.count).prefix(count))
  }

  func exampleCount(ofTask index: Int) -> Int { index == 0 ? rows.count : task.count }

  mutating func begin(_ index: Int) throws -> TaskData {
    guard index == 0 else { return task.data }
    let places = Tensor(rows, device: task.inputs.device)
    var data = task.data
    data.training = LabelledExamples(
      inputs: data.training.inputs[places], labels: data.training.labels[places])
    return data
  }
}
