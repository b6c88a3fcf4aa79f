package import Torch

/// Labelled images in two splits, as batches of numbers on a device: what training and evaluation read.
///
/// Legend: B the images of a batch, C channels, H rows, W columns.
package protocol ImageBatches {
  /// Labelled images, float32 (B, C, H, W) and int64 (B).
  typealias Examples = (images: Tensor, labels: Tensor)

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

  /// Images to train on, each in a view of its own that `draws` decides.
  ///
  /// - Throws: `DatasetError` naming the file that cannot be read.
  func trainingBatch(_ indices: [Int], draws: SeededGenerator) throws -> Examples

  /// Images to evaluate on, in the one view that each has.
  ///
  /// - Throws: `DatasetError` naming the file that cannot be read.
  func testBatch(_ range: Range<Int>) throws -> Examples
}
