import Datasets
import Torch

/// True labels, and for each task a permutation of the pixel positions, the same for every image and
/// channel.
struct PermutedPixelStream: TaskStream {
  let task: ClassificationTask
  let generator: SeededGenerator

  func exampleCount(ofTask index: Int) -> Int { task.count }

  mutating func begin(_ index: Int) throws -> TaskData {
    var draws = generator.split("task-\(index)")
    let positions = task.inputShape[1] * task.inputShape[2]
    let order = Tensor(draws.permutation(of: positions), device: task.inputs.device)
    func permuted(_ images_BCHW: Tensor) -> Tensor {
      images_BCHW.flattened(from: 2).selected(axis: 2, indices: order).viewed(as: images_BCHW.shape)
    }
    var data = task.data
    data.training.inputs = permuted(data.training.inputs)
    if let test = data.test { data.test?.inputs = permuted(test.inputs) }
    return data
  }
}
