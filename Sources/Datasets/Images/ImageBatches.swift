package import Torch

/// Labelled images in two splits, as sources of batches on a device: what training and evaluation read.
///
/// Legend: B the images of a batch, C channels, H rows, W columns.
package protocol ImageBatches {
  /// Labelled images, float32 (B, C, H, W) and int64 (B).
  typealias Examples = (images: Tensor, labels: Tensor)
  /// Batches of them.
  typealias Source = any BatchSource<Examples, BatchPosition>

  /// The size of each image of a batch.
  var shape: ImageShape { get }
  /// The number of classes.
  var classCount: Int { get }
  /// Images to train on.
  var trainingCount: Int { get }
  /// Images to evaluate on.
  var testCount: Int { get }
  /// The files that the images come from, by the groups of a run's manifest; none for images that are made.
  var files: [String: DataFile] { get }

  /// Whole batches of shuffled epochs, each image in a view of its own. `draws` decides order and views.
  ///
  /// - Throws: `DatasetError` (`invalidRequest`) for a size that is not from 1 to ``trainingCount``.
  func training(batchSize: Int, draws: SeededGenerator, share: ProcessShare) throws -> Source

  /// The test images in order, in the one view that each has; the last batch may be smaller.
  ///
  /// - Parameter batches: how many will be asked for.
  /// - Throws: `DatasetError` (`invalidRequest`) for a size below 1.
  func test(batchSize: Int, batches: Int) throws -> Source
}

extension ImageBatches {
  /// The plan of ``test(batchSize:batches:)``.
  func testPlan(_ batchSize: Int) throws -> BatchPlan {
    try BatchPlan(exampleCount: testCount, batchSize: batchSize, order: .sequential)
  }
}
