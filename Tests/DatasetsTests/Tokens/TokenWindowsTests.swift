import Testing
import Torch

@testable import Datasets

@Suite("Windows of bytes")
struct TokenWindowsTests {
  private func windows(_ count: Int, _ length: Int) throws -> TokenWindows {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    let folder = try TemporaryFolder()
    return try TokenWindows(
      TextDataset(name: "counting", path: folder.write("text", bytes)), length: length)
  }

  @Test("Nine tenths are for training, the last tenth for validation, and no byte is lost")
  func parts() throws {
    for count in [20, 21, 29, 30, 99, 100, 101, 1_003] {
      let windows = try windows(count, 2)
      #expect(windows.training == 0..<(9 * count / 10))
      #expect(windows.validation == (9 * count / 10)..<count)
    }
  }

  @Test("Validation by hand: 25 bytes, windows of two, two a batch")
  func validationGolden() throws {
    // 22 for training, 3 for validation: one whole window, and one byte over.
    let windows = try windows(25, 2)
    #expect(windows.validationBatchCount(of: 2) == 2)
    let (first, second) = (windows.validationBatch(0, of: 2), windows.validationBatch(1, of: 2))
    #expect(first.inputs.shape == [1, 2] && first.inputs.dtype == .int64)
    #expect(first.inputs.integers == [21, 22] && first.targets.integers == [22, 23])
    #expect(second.inputs.shape == [1, 1] && second.targets.dtype == .int64)
    #expect(second.inputs.integers == [23] && second.targets.integers == [24])
  }

  @Test("Validation predicts every byte once, in order, by the byte before it")
  func validationCovers() throws {
    for (count, length, size) in [(400, 5, 3), (411, 7, 2), (200, 4, 1), (203, 1, 6), (90, 9, 4)] {
      let windows = try windows(count, length)
      var inputs: [Int] = []
      var targets: [Int] = []
      for index in 0..<windows.validationBatchCount(of: size) {
        let batch = windows.validationBatch(index, of: size)
        #expect(batch.inputs.shape == batch.targets.shape && batch.inputs.shape[0] <= size)
        #expect(batch.inputs.shape[1] <= length)
        inputs += batch.inputs.integers
        targets += batch.targets.integers
      }
      #expect(targets == windows.validation.map { $0 & 255 })
      #expect(inputs == windows.validation.map { ($0 - 1) & 255 })
    }
  }

  @Test("Training targets are the inputs shifted by one, and stay within the training part")
  func trainingShift() throws {
    let windows = try windows(60, 6)
    var starts: Set<Int> = []
    for update in 0..<200 {
      let batch = windows.trainingBatch(
        of: 5, update: update, generator: SeededGenerator(seed: 1))
      #expect(batch.inputs.shape == [5, 6] && batch.targets.shape == [5, 6])
      #expect(batch.inputs.dtype == .int64 && batch.targets.dtype == .int64)
      let (inputs, targets) = (batch.inputs.integers, batch.targets.integers)
      for row in 0..<5 {
        let start = inputs[row * 6]
        starts.insert(start)
        #expect(Array(inputs[row * 6..<row * 6 + 6]) == Array(start..<start + 6))
        #expect(Array(targets[row * 6..<row * 6 + 6]) == Array(start + 1..<start + 7))
      }
    }
    // 54 bytes: a window of 6 and its next byte starts at 0 ... 47, and each place comes.
    #expect(starts == Set(0..<48))
  }

  @Test("A seed and an update fix a batch; another seed or update gives another")
  func seeds() throws {
    let windows = try windows(250, 8)
    func rows(_ seed: UInt64, _ update: Int) -> [Int] {
      windows.trainingBatch(of: 4, update: update, generator: SeededGenerator(seed: seed))
        .inputs.integers
    }
    #expect(rows(3, 17) == rows(3, 17))
    #expect(rows(3, 17) != rows(3, 18))
    #expect(rows(3, 17) != rows(4, 17))
  }

  @Test("Places are those of the generator's splits, by hand")
  func placesGolden() throws {
    var draws = SeededGenerator(seed: 5).split("windows").split("update-2")
    let expected = (0..<3).map { _ in draws.index(below: 90 - 4) }
    let batch = try windows(100, 4).trainingBatch(
      of: 3, update: 2, generator: SeededGenerator(seed: 5))
    #expect([0, 4, 8].map { batch.inputs.integers[$0] } == expected)
  }

  @Test(
    "A text shorter than its windows is refused, and so is a window of nothing",
    arguments: [(1, 1), (10, 2), (90, 10), (2, 1), (100, 0), (100, -1)])
  func refusals(count: Int, length: Int) throws {
    let error = try datasetError { _ = try windows(count, length) }
    #expect(error.kind == .invalidRequest)
    #expect(error.expected.contains(length < 1 ? "at least 1 token" : "windows of \(length)"))
  }

  @Test("The shortest text for a window is one byte longer than the longest that is refused")
  func shortest() throws {
    #expect(try windows(91, 10).validation.count == 10)
    #expect(try windows(3, 1).training.count == 2)
  }

  @Test(
    "Shakespeare's parts are as large as nanoGPT's, and its first words are a batch's",
    .enabled(if: RealData.has("text"), "needs tiny-shakespeare in NAP_DATA"))
  func shakespeare() throws {
    let windows = try TokenWindows(
      DatasetRegistry.tinyShakespeare.text(from: RealData.folder), length: 256)
    #expect(windows.training.count == 1_003_854 && windows.validation.count == 111_540)
    let count = windows.validationBatchCount(of: 64)
    let predicted = (0..<count).flatMap { windows.validationBatch($0, of: 64).targets.integers }
    #expect(predicted.map { UInt8($0) } == Array(windows.bytes[1_003_854...]))
    #expect(predicted.prefix(12).map { UInt8($0) } == Array("?\n\nGREMIO:\nG".utf8))
  }
}
