public import Torch

/// Labelled images as tensors on a device: what a training loop takes its batches from.
///
/// Legend: N images, C channels, H rows, W columns, B the images of a batch.
public struct ImageTensors {
  /// float32 of shape [N, C, H, W].
  public let images: Tensor
  /// int64 of shape [N], each in 0 ..< `classCount`.
  public let labels: Tensor
  /// The size of each image.
  public let shape: ImageShape
  /// The number of images.
  public let count: Int
  /// The number of classes.
  public let classCount: Int

  /// The images and labels at the indices of `batch`: float32 [B, C, H, W] and int64 [B].
  ///
  /// A batch that is the whole dataset in order is handed out without copying.
  public func batch(_ batch: Batch) -> (images: Tensor, labels: Tensor) {
    if batch.indices.count == count, batch.indices.indices.allSatisfy({ batch.indices[$0] == $0 }) {
      return (images, labels)
    }
    let indices_B = Tensor(batch.indices, device: images.device)
    return (
      images.selected(axis: 0, indices: indices_B), labels.selected(axis: 0, indices: indices_B)
    )
  }

  /// All images once, in batches: in an order drawn by the seed, or as they lie where there is none. The last batch is
  /// smaller where the sizes do not divide.
  ///
  ///     for (images_BCHW, labels_B) in try data.batches(of: 64, seed: epoch) { … }
  ///
  /// A ``BatchSampler`` is for training that is saved in the middle.
  ///
  /// - Throws: `DatasetError` (`invalidRequest`) for a size below 1.
  public func batches(of size: Int, seed: UInt64? = nil) throws -> some Sequence<
    (images: Tensor, labels: Tensor)
  > {
    let plan = try BatchPlan(
      exampleCount: count, batchSize: size, order: seed == nil ? .sequential : .withoutReplacement)
    return BatchSampler(plan, seed: seed ?? 0).lazy.prefix(plan.batchesPerEpoch).map(batch)
  }

  /// The same images with other labels.
  ///
  /// - Throws: `DatasetError` (`invalidRequest`) if there is not one label an image.
  public func relabelled(_ assignment: LabelAssignment) throws -> ImageTensors {
    guard assignment.labels.count == count else {
      throw DatasetError(
        .invalidRequest, path: "label assignment", expected: "\(count) labels, one for each image",
        found: "\(assignment.labels.count)", remedy: "draw labels for this dataset")
    }
    return ImageTensors(
      images: images, labels: Tensor(assignment.labels, device: labels.device), shape: shape,
      count: count, classCount: assignment.classCount)
  }
}

extension ImageDataset {
  /// Copies the images to a device as numbers, averaged to another size if one is given, then scaled.
  ///
  /// Cost: one pass over the pixels; four bytes per value on this machine and on the device.
  /// - Throws: `DatasetError` (`invalidRequest`) as `floats(averagedTo:scaling:)` does.
  public func tensors(
    averagedTo size: (height: Int, width: Int)? = nil, scaling: PixelScaling = .unit,
    device: Device = .cpu
  ) throws -> ImageTensors {
    let floats = try floats(averagedTo: size, scaling: scaling)
    let shape = floats.shape
    return ImageTensors(
      images: Tensor(
        floats.values, shape: [count, shape.channels, shape.height, shape.width], device: device),
      labels: Tensor(labels, device: device), shape: shape, count: count, classCount: classCount)
  }
}
