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
    let batch = resident.trainingBatch([7, 0, 7], draws: SeededGenerator(seed: 0))
    let difference = batch.images - expected.images[Tensor([7, 0, 7])]
    #expect(difference.absolute().maximum().item < 1e-5)
    #expect(batch.labels.array(of: Int.self) == [7, 0, 7].map { training.labels[$0] })
    let whole = resident.testBatch(0..<5)
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
