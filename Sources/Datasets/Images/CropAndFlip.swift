package import Torch

/// CIFAR's usual augmentation (He et al. 2016): a crop at random out of the padded image, mirrored half of the time.
public struct CropAndFlip: Codable, Hashable, Sendable {
  /// What lies beyond an image's edges.
  public enum Padding: String, Codable, Hashable, Sendable, CaseIterable {
    /// Zero, which is the mean where images are standardized.
    case zero
    /// The image mirrored at its outermost pixels, which are not repeated.
    case reflect
  }

  /// Pixels beyond each edge; 0 for no crop.
  public var margin: Int
  /// What lies there.
  public var padding: Padding
  /// Whether half of the images are mirrored left to right.
  public var flips: Bool

  /// A margin of 4 of zeros, and flips; as in the source.
  public init(margin: Int = 4, padding: Padding = .zero, flips: Bool = true) {
    self.margin = margin
    self.padding = padding
    self.flips = flips
  }

  /// Where one image's view begins, in pixels of the image, and whether it is mirrored.
  package struct View: Hashable, Sendable {
    /// The first row, from −margin to margin.
    package var row: Int
    /// The first column, from −margin to margin.
    package var column: Int
    /// Whether columns run from right to left.
    package var isFlipped: Bool
  }

  /// Views of so many images: three numbers of the generator each, whatever is switched off.
  package func views(_ count: Int, _ draws: SeededGenerator) -> [View] {
    var draws = draws
    return (0..<count).map { _ in
      let (row, column) = (draws.index(below: 2 * margin + 1), draws.index(below: 2 * margin + 1))
      let isFlipped = draws.index(below: 2) == 1
      return View(row: row - margin, column: column - margin, isFlipped: flips && isFlipped)
    }
  }

  /// The views (B, C, H, W) of images of the same shape, computed on their device by one gather.
  ///
  /// - Precondition: the margin is below both sides, and there is a view for each image.
  package func apply(_ images_BCHW: Tensor, _ views: [View]) -> Tensor {
    let shape = images_BCHW.shape
    let (count, channels, height, width) = (shape[0], shape[1], shape[2], shape[3])
    precondition(
      views.count == count && margin < height && margin < width, "CropAndFlip: a view an image")
    let device = images_BCHW.device
    func column(_ values: [Int]) -> Tensor { Tensor(values, shape: [count, 1], device: device) }
    let rows_BH =
      column(views.map(\.row)) + Tensor(Array(0..<height), shape: [1, height], device: device)
    let columns_BW =
      column(views.map { $0.column + ($0.isFlipped ? width - 1 : 0) })
      + column(views.map { $0.isFlipped ? -1 : 1 })
      * Tensor(Array(0..<width), shape: [1, width], device: device)
    func mirrored(_ places: Tensor, _ side: Int) -> Tensor {
      let last = Tensor([side - 1], device: device)
      return last - (last - places.absolute()).absolute()
    }
    let places_BHW =
      (mirrored(rows_BH, height) * Tensor([width], device: device)).unsqueezed(axis: 2)
      + mirrored(columns_BW, width).unsqueezed(axis: 1)
    let views_BCHW = images_BCHW.reshaped(to: [count, channels, height * width])
      .gathered(
        axis: 2,
        at: places_BHW.reshaped(to: [count, 1, height * width])
          .expanded(to: [count, channels, height * width])
      ).reshaped(to: shape)
    guard padding == .zero, margin > 0 else { return views_BCHW }
    func isInside(_ places: Tensor, _ side: Int) -> Tensor {
      places.greaterOrEqual(to: 0).logicalAnd(places.less(than: .integer(side)))
    }
    let inside_BHW = isInside(rows_BH, height).unsqueezed(axis: 2)
      .logicalAnd(isInside(columns_BW, width).unsqueezed(axis: 1))
    return views_BCHW * inside_BHW.unsqueezed(axis: 1).converted(to: images_BCHW.dtype)
  }
}
