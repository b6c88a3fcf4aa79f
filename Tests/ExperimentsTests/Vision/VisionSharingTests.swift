import Datasets
import Foundation
import Networks
import RunStore
import TensorTestSupport
import TestSupport
import Testing
import Torch
import Training

@testable import Experiments

@Suite("Images that several processes share out")
struct VisionSharingTests {
  private static let images = dataFolder.map { $0.path + "/imagenet-sample" }
    .flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }

  @Test(
    "Processes prepare their own images alone, and record what one records; what one leaves out, all count",
    .enabled(if: images != nil, "needs imagenet-sample in NAP_DATA"), arguments: [false, true])
  func ranks(isDamaged: Bool) throws {
    let images = try #require(Self.images)
    let folder = FileManager.default.temporaryDirectory.appending(path: "nap-ranks-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.copyItem(atPath: images, toPath: folder)
    if isDamaged {
      let place = try #require(FileManager.default.subpaths(atPath: folder))
      for name in place.filter({ $0.hasSuffix(".JPEG") }).sorted().prefix(12) {
        try Data([1, 2, 3]).write(to: URL(filePath: folder + "/" + name))
      }
    }
    @Sendable func losses(
      _ parallel: DataParallel? = nil,
      _ change: @Sendable (inout VisionConfiguration) -> Void = { _ in }
    ) throws -> (values: [Double], share: ProcessShare) {
      var base = try ImageNet.preset("smoke").configuration
      (base.updatesPerTask, base.batchSize) = (6, 5)
      base.recording.everyUpdates = 1
      base.recording.evaluateEveryUpdates = 0
      var settings = VisionData.Folders(training: folder, test: images, side: 16, resizedSide: 20)
      (settings.workers, settings.corrupt) = (2, isDamaged ? .skip : .fatal)
      base.data = .folders(settings)
      base.network = .resnet(ResNet(blocks: [1], channels: [4], dtype: .float64))
      base.mixing = ImageMixing()
      change(&base)
      let configuration = try ImageNet.configuration(base, arm: "nap")
      func run() throws -> ([Double], ProcessShare) {
        var run = try ImageNet.start(configuration, seed: 1, device: .cpu)
        let own: Set<Metric> = [.trainingLoss, .trainingAccuracy, .skippedImages]
        return (
          try VisionFixture.rest(&run).filter { own.contains($0.metric) }.map(\.value),
          run.source.share
        )
      }
      return try parallel.map { try $0.during(run) } ?? run()
    }
    let whole = try losses()
    #expect(whole.share == .whole && whole.values.count > 6)
    for size in [2, 5] {
      let shared = try withRanks(size, timeout: 60) { group in
        let parallel = DataParallel(group)
        return [
          try losses(parallel), try losses(parallel) { $0.microBatches = 2 },
          try losses(parallel) { $0.mixing.mixup = 0.1 },
        ]
      }
      for (rank, result) in shared.enumerated() {
        let found = try result.get()
        let own = try ProcessShare(rank: rank, of: size)
        #expect(found.map(\.share) == [own, own, .whole])
        for one in found.prefix(2) {
          #expect(one.values.count == whole.values.count)
          for (left, right) in zip(one.values, whole.values) { #expect(abs(left - right) < 1e-9) }
        }
      }
    }
  }
}
