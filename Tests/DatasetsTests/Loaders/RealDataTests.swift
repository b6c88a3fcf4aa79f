import Testing

@testable import Datasets

/// The real files, where they are at hand. Goldens by numpy from the same files.
@Suite struct RealDataTests {
  @Test(
    "CIFAR-10 has the sizes, classes and mean pixels that numpy finds",
    .enabled(if: RealData.has("cifar-10-batches-bin"), "needs cifar-10 in NAP_DATA"))
  func cifar10() throws {
    let dataset = try DatasetRegistry.cifar10.images(.train, from: RealData.folder)
    #expect(dataset.pixels.count == dataset.count * 3072)
    let statistics = dataset.channelStatistics
    if dataset.count == 10_000 {
      #expect(dataset.labelHistogram == [998, 1023, 972, 998, 1006, 1023, 996, 996, 1004, 984])
      #expect(dataset.labels.prefix(10) == [1, 5, 3, 0, 0, 2, 4, 8, 6, 5])
      #expect([0, 1024, 2048].map { dataset.pixels[$0] } == [159, 171, 193])
      #expect(
        [1023, 2047, 3071].map { dataset.image(9_999).dropFirst($0).first } == [125, 121, 96])
      close(statistics.mean, [0.4938852577359082, 0.4842306774662988, 0.4493930323223045], 1e-12)
      close(
        statistics.deviation, [0.24587106229031228, 0.2431657846152754, 0.26071950381565784], 1e-12)
      try averages(dataset)
    } else {
      #expect(dataset.labelHistogram == [Int](repeating: 5_000, count: 10))
      close(statistics.mean, [0.4914, 0.4822, 0.4465], 1e-4)
      close(statistics.deviation, [0.2470, 0.2435, 0.2616], 1e-4)
    }
  }

  /// PyTorch's area interpolation of the first two images in float64.
  private func averages(_ dataset: ImageDataset) throws {
    let two = try dataset.first(2)
    for (size, sum, weighted) in [
      ((16, 16), 789.4647058823529, 642671.7960784313),
      ((5, 7), 107.14977357609713, 11910.326225490197),
      ((40, 33), 4095.167647058823, 17172887.721568625),
    ] {
      let values = try two.floats(averagedTo: size).values.map(Double.init)
      #expect(abs(values.reduce(0, +) / sum - 1) < 1e-6)
      let mine = values.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element }
      #expect(abs(mine / weighted - 1) < 1e-6)
    }
  }

  @Test(
    "MNIST's test files have the sizes, classes and mean pixel that numpy finds",
    .enabled(if: RealData.has("mnist"), "needs mnist in NAP_DATA"))
  func mnist() throws {
    let dataset = try DatasetRegistry.mnist.images(.test, from: RealData.folder)
    #expect(dataset.shape == ImageShape(channels: 1, height: 28, width: 28))
    #expect(dataset.labelHistogram == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
    #expect(dataset.labels.prefix(10) == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
    #expect(dataset.pixels.reduce(0) { $0 + Int($1) } == 264_923_200)
    close(dataset.channelStatistics.mean, [0.13251460584233696], 1e-12)
    close(dataset.channelStatistics.deviation, [0.3104802479305351], 1e-12)
    let report = DatasetInstaller(root: RealData.folder).verify(DatasetRegistry.mnist)
    #expect(report.isUsable(.test))
    #expect(report.files.filter { $0.split == .test }.map(\.recordCount) == [10_000, 10_000])
  }

  @Test(
    "The text of Shakespeare has its official digest",
    .enabled(if: RealData.has("text"), "needs tiny-shakespeare in NAP_DATA"))
  func shakespeare() throws {
    let text = try DatasetRegistry.tinyShakespeare.text(from: RealData.folder)
    #expect(text.bytes.count == 1_115_394)
    #expect(text.bytes.starts(with: Array("First Citizen:\n".utf8)))
    let report = DatasetInstaller(root: RealData.folder).verify(DatasetRegistry.tinyShakespeare)
    #expect(report.isComplete)
    #expect(report.files.map(\.checksum) == [.matches])
  }

  @Test(
    "Debian's texts have their digests, lines and UTF-8, and differ in what they begin with",
    .enabled(if: RealData.has("debian-texts"), "needs debian-texts in NAP_DATA"))
  func debianTexts() throws {
    let dataset = DatasetRegistry.debianTexts
    let report = DatasetInstaller(root: RealData.folder).verify(dataset)
    #expect(
      report.isComplete && report.files.map(\.checksum) == Array(repeating: .matches, count: 6))
    let beginnings = try dataset.textNames.map { name in
      let text = try dataset.text(named: name, from: RealData.folder)
      #expect(String(validating: text.bytes, as: UTF8.self) != nil)
      #expect(text.bytes.last == UInt8(ascii: "\n") && !text.bytes.contains(13))
      return String(decoding: text.bytes.prefix(12), as: UTF8.self)
    }
    #expect(Set(beginnings).count == 6 && beginnings[0] == "Holy Bible, ")
  }

  private func close(_ values: [Double], _ expected: [Double], _ tolerance: Double) {
    #expect(values.count == expected.count)
    for (value, golden) in zip(values, expected) { #expect(abs(value - golden) < tolerance) }
  }
}
