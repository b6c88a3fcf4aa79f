import Testing
import Torch

@testable import Datasets

@Suite struct ImageTensorsTests {
  private func dataset() throws -> ImageDataset {
    try ProceduralImages(classCount: 4, size: 8).dataset(.train, count: 10, seed: 3)
  }

  @Test("Tensors hold the dataset's numbers, shape and labels")
  func contents() throws {
    let dataset = try dataset()
    let tensors = try dataset.tensors(averagedTo: (4, 2), scaling: .centred)
    #expect(tensors.images.shape == [10, 3, 4, 2])
    #expect(tensors.images.dtype == .float32)
    #expect(tensors.labels.dtype == .int64)
    #expect(tensors.labels.shape == [10])
    #expect(
      tensors.images.floats == (try dataset.floats(averagedTo: (4, 2), scaling: .centred).values))
    #expect(tensors.labels.integers == dataset.labels)
    #expect(tensors.classCount == 4)
  }

  @Test("A batch holds the images of its indices, in their order, with their labels")
  func batches() throws {
    let dataset = try dataset()
    let tensors = try dataset.tensors()
    let values = try dataset.floats().values
    let plan = try BatchPlan(exampleCount: 10, batchSize: 4)
    for batch in BatchSampler(plan, seed: 2).prefix(3) {
      let (images, labels) = tensors.batch(batch)
      #expect(images.shape == [batch.indices.count, 3, 8, 8])
      #expect(images.floats == batch.indices.flatMap { Array(values[$0 * 192..<($0 + 1) * 192]) })
      #expect(labels.integers == batch.indices.map { dataset.labels[$0] })
    }
  }

  @Test("A batch of the whole dataset in order is the dataset itself; in another order it is not")
  func wholeBatch() throws {
    let tensors = try dataset().tensors()
    let whole = Batch(indices: Array(0..<10), epoch: 0, endsEpoch: true)
    #expect(tensors.batch(whole).images.address == tensors.images.address)
    let turned = Batch(indices: Array((0..<10).reversed()), epoch: 0, endsEpoch: true)
    #expect(tensors.batch(turned).images.address != tensors.images.address)
    #expect(tensors.batch(turned).labels.integers == tensors.labels.integers.reversed())
  }

  @Test("Relabelled tensors share the images and carry the new labels")
  func relabelling() throws {
    let tensors = try dataset().tensors()
    var generator = SeededGenerator(seed: 8)
    let assignment = try LabelAssignment(random: 10, classCount: 7, using: &generator)
    let other = try tensors.relabelled(assignment)
    #expect(other.labels.integers == assignment.labels)
    #expect(other.classCount == 7)
    #expect(other.images.address == tensors.images.address)
    let short = try LabelAssignment(labels: [0], classCount: 1)
    #expect(try datasetError { _ = try tensors.relabelled(short) }.kind == .invalidRequest)
  }
}
