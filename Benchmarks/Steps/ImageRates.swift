import ArgumentParser
import Datasets
import Foundation
import Torch

/// Images a second of libjpeg's own decoding and of the whole pipeline on as many threads, in turns, by the clock and
/// by processor time; and what CIFAR's augmentation takes.
///
/// Decoding is that of whole images, exact and with smooth chroma, from memory. The pipeline reads files, takes random
/// boxes to 224 x 224, mirrors half of them and makes standardized batches of 64 float images, fewer where there are
/// fewer images. A line:
/// `jpeg WAY images/s images/processor-second megabytes`; the last is what the pipeline has in memory at most.
struct ImageRates {
  let folder: String
  let threads: Int
  let turns: Int

  private static let batch = 64

  func printed() throws {
    let images = try ClassFolders(path: folder)
    let files = try (0..<images.count).map { try images.image($0).bytes }
    var settings = ImagePipeline.Settings()
    settings.workers = threads
    let streamed = try StreamedImages(
      training: folder, test: folder, views: ImageViews(), pipeline: settings, device: .cpu)
    var source = try streamed.training(
      batchSize: min(Self.batch, images.count), draws: SeededGenerator(seed: 1), share: .whole)
    var rates: [[(wall: Double, processor: Double)]] = [[], []]
    let batches = 24
    let perTurn = batches * min(Self.batch, images.count)
    let memory = try PeakMemory.megabytes { for _ in 0..<batches { _ = try source.nextBatch() } }
    Self.waitUntilIdle()
    for turn in 0...turns {
      let decoding = Self.rate(perTurn) {
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
          for index in stride(from: thread, to: perTurn, by: threads) {
            _ = try? EncodedImage(files[index % files.count], path: "").decoded()
          }
        }
      }
      var failure: (any Error)?
      let pipeline = Self.rate(perTurn) {
        do { for _ in 0..<batches { _ = try source.nextBatch() } } catch { failure = error }
        Self.waitUntilIdle()
      }
      if let failure { throw failure }
      // The first turn warms up.
      if turn > 0 {
        rates[0].append(decoding)
        rates[1].append(pipeline)
      }
    }
    for (name, own) in zip(["libjpeg", "nap"], rates) {
      print(
        String(
          format: "jpeg %@ %.1f %.1f %.0f", name, Self.median(own.map(\.wall)),
          Self.median(own.map(\.processor)), name == "nap" ? memory : 0))
    }
  }

  /// The milliseconds of a crop and a flip of each of `count` resident images of CIFAR's size.
  static func printCrop(turns: Int) throws {
    let data = try ProceduralImages().dataset(.train, count: 2_000)
    for (name, augmentation) in [("crop", CropAndFlip()), ("none", nil)] {
      let images = try ResidentImages(data, test: data, augmentation: augmentation, device: .cpu)
      var source = try images.training(
        batchSize: 32, draws: SeededGenerator(seed: 1), share: .whole)
      var times: [Double] = []
      for turn in 0..<turns + 5 {
        let start = ContinuousClock.now
        _ = try source.nextBatch()
        if turn >= 5 { times.append((ContinuousClock.now - start) / .milliseconds(1)) }
      }
      print(String(format: "augmentation %@ %.3f ms a batch of 32", name, median(times)))
    }
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  private static func rate(_ count: Int, _ body: () -> Void) -> (wall: Double, processor: Double) {
    let (start, before) = (ContinuousClock.now, processorSeconds)
    body()
    return (
      Double(count) / ((ContinuousClock.now - start) / .seconds(1)),
      Double(count) / max(processorSeconds - before, 1e-9)
    )
  }

  /// Waits for the batches ahead: as many are ready before a turn as after it, and none is made in the other way's
  /// turn.
  private static func waitUntilIdle() {
    var (before, quiet) = (processorSeconds, 0)
    while quiet < 3 {
      Thread.sleep(forTimeInterval: 0.002)
      let now = processorSeconds
      quiet = now - before < 0.000_3 ? quiet + 1 : 0
      before = now
    }
  }

  private static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
