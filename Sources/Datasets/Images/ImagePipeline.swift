import Foundation
import Torch

/// Threads that read, decode and view the images of batches to come.
///
/// A batch is asked for by its sampler, so that the result does not depend on what was prepared: for another position
/// than the prepared ones, preparation begins there anew. At most `depth` batches are prepared at a time. The threads
/// end with the value.
package final class ImagePipeline {
  /// How much is done at once.
  package struct Settings: Hashable, Sendable {
    /// Threads; 0 for one a processor.
    package var workers = 0
    /// Batches that are prepared ahead, at least 1.
    package var depth = 2
    /// What becomes of an image that cannot be decoded.
    package var corrupt = CorruptImages.fatal

    package init() {}
  }

  private let state: State
  private let workers: Int

  /// A pipeline; its threads start with the first batch.
  ///
  /// - Parameters:
  ///   - byteCount: bytes of one view.
  ///   - batches: how many are asked for at most, so that none is prepared in vain.
  ///   - view: an image's view at a place of an epoch; called on any thread.
  init(
    _ images: any EncodedImages, _ settings: Settings, byteCount: Int, batches: Int,
    _ view: @escaping @Sendable (EncodedImage, _ epoch: Int, _ place: Int) throws -> RGBImage
  ) {
    workers = min(64, settings.workers > 0 ? settings.workers : Machine.usableProcessorCount)
    state = State(images, settings, byteCount: byteCount, batches: batches, view)
  }

  deinit { state.close() }

  /// Waits for the batch that a sampler would give next and hands out its bytes, and the class of each image; `nil` for
  /// one that was left out, whose bytes are not to be read.
  ///
  /// - Throws: the error of the first of its images that has one.
  func take<Result>(
    _ sampler: BatchSampler, _ body: (UnsafeRawBufferPointer, [Int?]) throws -> Result
  ) throws -> Result {
    state.start(workers)
    let job = state.take(sampler)
    if let failure = job.failure { throw failure.error }
    return try body(UnsafeRawBufferPointer(job.pixels), job.labels)
  }

  /// A batch at work. Threads write to rows of their own; everything else is under the state's lock.
  private final class Job: @unchecked Sendable {
    let batch: Batch
    let position: BatchPosition
    let pixels: UnsafeMutableBufferPointer<UInt8>
    var labels: [Int?]
    var (begun, done) = (0, 0)
    var failure: (row: Int, error: any Error)?

    init(_ batch: Batch, _ position: BatchPosition, byteCount: Int) {
      (self.batch, self.position) = (batch, position)
      pixels = .allocate(capacity: batch.indices.count * byteCount)
      labels = Array(repeating: nil, count: batch.indices.count)
    }

    deinit { pixels.deallocate() }

    var count: Int { batch.indices.count }
  }

  private final class State: @unchecked Sendable {
    private let images: any EncodedImages
    private let settings: Settings
    private let byteCount: Int
    private let view: @Sendable (EncodedImage, Int, Int) throws -> RGBImage
    private let condition = NSCondition()
    private var left: Int
    private var jobs: [Job] = []
    private var sampler: BatchSampler?
    private var (isStarted, isClosed) = (false, false)

    init(
      _ images: any EncodedImages, _ settings: Settings, byteCount: Int, batches: Int,
      _ view: @escaping @Sendable (EncodedImage, Int, Int) throws -> RGBImage
    ) {
      (self.images, self.settings, self.byteCount) = (images, settings, byteCount)
      (left, self.view) = (batches, view)
    }

    func start(_ workers: Int) {
      condition.withLock {
        guard !isStarted else { return }
        isStarted = true
        for _ in 0..<workers {
          let thread = Thread { [self] in while let (job, row) = claim() { prepare(job, row) } }
          thread.name = "images"
          thread.start()
        }
      }
    }

    func close() {
      condition.withLock {
        isClosed = true
        condition.broadcast()
      }
    }

    func take(_ wanted: BatchSampler) -> Job {
      condition.withLock {
        if (jobs.first?.position ?? sampler?.position) != wanted.position {
          jobs = []
          sampler = wanted
        }
        condition.broadcast()
        while jobs.first.map({ $0.done < $0.count }) ?? true { condition.wait() }
        condition.broadcast()
        let job = jobs.removeFirst()
        // What failed is tried again when it is asked for again.
        if job.failure != nil { (jobs, sampler) = ([], nil) }
        return job
      }
    }

    /// The next row to prepare; waits for one. `nil` at the end.
    private func claim() -> (Job, Int)? {
      condition.withLock {
        while !isClosed {
          if let job = jobs.first(where: { $0.begun < $0.count }) {
            job.begun += 1
            return (job, job.begun - 1)
          }
          // One that is asked for is always prepared.
          if let position = sampler?.position, jobs.count < max(1, settings.depth),
            left > 0 || jobs.isEmpty,
            let batch = sampler?.nextBatch()
          {
            left -= 1
            jobs.append(Job(batch, position, byteCount: byteCount))
            if batch.indices.isEmpty { condition.broadcast() }
          } else {
            condition.wait()
          }
        }
        return nil
      }
    }

    private func prepare(_ job: Job, _ row: Int) {
      let result = Result { () throws -> Int? in
        let (bytes, label, path) = try images.image(job.batch.indices[row])
        do {
          let place = job.batch.places.lowerBound + row
          let image = try view(EncodedImage(bytes, path: path), job.batch.epoch, place)
          precondition(
            image.pixels.count == byteCount, "ImagePipeline: a view of \(byteCount) bytes")
          _ = UnsafeMutableBufferPointer(
            rebasing: job.pixels[row * byteCount..<(row + 1) * byteCount]
          )
          .update(fromContentsOf: image.pixels)
          return label
        } catch is DatasetError where settings.corrupt == .skip {
          return nil
        }
      }
      condition.withLock {
        switch result {
        case .success(let label): job.labels[row] = label
        case .failure(let error):
          if row < job.failure?.row ?? .max { job.failure = (row, error) }
        }
        job.done += 1
        if job.done == job.count { condition.broadcast() }
      }
    }
  }
}
