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

  @Test("An epoch of batches has every image once, in the seed's order or as they lie")
  func epochs() throws {
    let tensors = try dataset().tensors()
    let order = try tensors.batches(of: 4).flatMap { $0.labels.integers }
    #expect(order == tensors.labels.integers)
    let images = tensors.images.flattened(from: 1).sum(axes: [1]).floats
    let drawn = try (1...2).map { seed in
      try tensors.batches(of: 4, seed: seed).flatMap {
        $0.images.flattened(from: 1).sum(axes: [1]).floats
      }
    }
    #expect(drawn[0] != images && drawn[0] != drawn[1] && drawn[0].sorted() == images.sorted())
    #expect(try Array(tensors.batches(of: 4)).map(\.labels.shape) == [[4], [4], [2]])
    #expect(throws: DatasetError.self) { try tensors.batches(of: 0) }
  }

  @Test("Two parts have every image once; the seed draws which")
  func parts() throws {
    let dataset = try dataset()
    let parts = try dataset.shuffledParts(0.75, seed: 1)
    #expect((parts.first.count, parts.second.count) == (7, 3))
    func sorted(_ sets: [ImageDataset]) -> [[UInt8]] {
      sets.flatMap { set in (0..<set.count).map { Array(set.image($0)) } }
        .sorted { $0.lexicographicallyPrecedes($1) }
    }
    #expect(sorted([parts.first, parts.second]) == sorted([dataset]))
    #expect(try dataset.shuffledParts(0.75, seed: 1).first == parts.first)
    #expect(try dataset.shuffledParts(0.75, seed: 2).first != parts.first)
    for wrong in [0, 0.05, 1, .nan] {
      #expect(throws: DatasetError.self) { try dataset.shuffledParts(wrong, seed: 1) }
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
