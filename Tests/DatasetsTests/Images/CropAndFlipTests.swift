import Testing
import Torch

@testable import Datasets

@Suite("Random crops and flips on the device")
struct CropAndFlipTests {
  @Test(
    "Every pixel is that of a slow reference", arguments: [CropAndFlip.Padding.zero, .reflect],
    [0, 1, 4])
  func reference(padding: CropAndFlip.Padding, margin: Int) {
    let (count, channels, height, width) = (9, 2, 5, 7)
    let augmentation = CropAndFlip(margin: margin, padding: padding)
    let views = augmentation.views(count, SeededGenerator(seed: 2))
    let images = Tensor.uniform([count, channels, height, width], generator: Generator(seed: 1))
    let (own, found) = (images.floats, augmentation.apply(images, views).floats)
    func pixel(_ image: Int, _ channel: Int, _ row: Int, _ column: Int) -> Float {
      func place(_ index: Int, _ side: Int) -> Int? {
        if (0..<side).contains(index) { return index }
        guard padding == .reflect else { return nil }
        return index < 0 ? -index : 2 * (side - 1) - index
      }
      guard let row = place(row, height), let column = place(column, width) else { return 0 }
      return own[((image * channels + channel) * height + row) * width + column]
    }
    var place = 0
    for image in 0..<count {
      for channel in 0..<channels {
        for row in 0..<height {
          for column in 0..<width {
            let view = views[image]
            let expected = pixel(
              image, channel, row + view.row,
              (view.isFlipped ? width - 1 - column : column) + view.column)
            #expect(found[place] == expected)
            place += 1
          }
        }
      }
    }
    #expect(views.contains(where: \.isFlipped) && views.contains { !$0.isFlipped })
    #expect(margin == 0 || Set(views.map(\.row)).count > 2)
  }

  @Test("Views reach from −margin to margin and are the same for equal numbers")
  func views() {
    let augmentation = CropAndFlip(margin: 2)
    let views = augmentation.views(500, SeededGenerator(seed: 7))
    #expect(Set(views.map(\.row)) == Set(-2...2) && Set(views.map(\.column)) == Set(-2...2))
    #expect(views == augmentation.views(500, SeededGenerator(seed: 7)))
    var unflipped = augmentation
    unflipped.flips = false
    #expect(unflipped.views(500, SeededGenerator(seed: 7)).map(\.row) == views.map(\.row))
    #expect(unflipped.views(500, SeededGenerator(seed: 7)).allSatisfy { !$0.isFlipped })
  }

  @Test("Resident splits give standardized batches; splits that do not fit are refused")
  func resident() throws {
    let images = try ProceduralImages(classCount: 3, channels: 2, size: 6)
    let training = try images.dataset(.train, count: 12)
    let test = try images.dataset(.test, count: 5)
    let resident = try ResidentImages(training, test: test, augmentation: nil, device: .cpu)
    let expected = try training.tensors(scaling: training.channelStatistics.scaling)
    // The order that runs have had since there is the recipe.
    let draws = SeededGenerator(seed: 4)
    let plan = try BatchPlan(exampleCount: 12, batchSize: 5, dropsLast: true)
    var sampler = BatchSampler(plan, generator: draws.split("batches"))
    var source = try resident.training(batchSize: 5, draws: draws, share: .whole)
    for _ in 0..<3 {
      let (batch, indices) = (try source.nextBatch(), sampler.nextBatch().indices)
      let difference = batch.images - expected.images[Tensor(indices)]
      #expect(difference.absolute().maximum().item < 1e-5)
      #expect(batch.labels.array(of: Int.self) == indices.map { training.labels[$0] })
    }
    var cropped = try ResidentImages(
      training, test: test, augmentation: CropAndFlip(margin: 2), device: .cpu
    )
    .training(batchSize: 5, draws: draws, share: .whole)
    _ = try cropped.nextBatch()
    let views = CropAndFlip(margin: 2).views(5, draws.split("update-1").split("views"))
    var again = BatchSampler(plan, generator: draws.split("batches"))
    _ = again.nextBatch()
    let standardized = expected.images[Tensor(again.nextBatch().indices)]
    let difference =
      try cropped.nextBatch().images - CropAndFlip(margin: 2).apply(standardized, views)
    #expect(difference.absolute().maximum().item < 1e-5)
    var evaluation = try resident.test(batchSize: 5, batches: 1)
    let whole = try evaluation.nextBatch()
    let standard = try test.tensors(scaling: training.channelStatistics.scaling)
    #expect((whole.images - standard.images).absolute().maximum().item < 1e-5)
    let other = try ProceduralImages(classCount: 3, channels: 2, size: 7).dataset(.test, count: 5)
    for (test, margin) in [(other, 0), (test, 6)] {
      #expect(throws: DatasetError.self) {
        try ResidentImages(
          training, test: test, augmentation: CropAndFlip(margin: margin), device: .cpu)
      }
    }
  }
}
