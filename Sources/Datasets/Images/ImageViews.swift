import Foundation
package import Torch

/// How an image of any size becomes one of a square, as torchvision does: at random for training, in the middle for
/// evaluation.
package struct ImageViews: Hashable, Sendable {
  /// The sides of the square.
  package var side: Int
  /// The short side to which an image is resized before its middle is evaluated.
  package var resizedSide: Int
  /// The least fraction of an image's area that a training view takes.
  package var leastArea: Double
  /// Whether half of the training views are mirrored left to right.
  package var flips: Bool

  package init(
    side: Int = 224, resizedSide: Int = 256, leastArea: Double = 0.08, flips: Bool = true
  ) {
    self.side = side
    self.resizedSide = resizedSide
    self.leastArea = leastArea
    self.flips = flips
  }

  /// A training view: a box of random area and of a ratio of sides from 3/4 to 4/3, resized, and mirrored half of the
  /// time (Szegedy et al. 2015, by torchvision's `RandomResizedCrop`).
  package func random(_ image: RGBImage, _ draws: inout SeededGenerator) -> RGBImage {
    let box = randomBox(image, &draws)
    let isFlipped = draws.index(below: 2) == 1 && flips
    let view = image.resized(box, toWidth: side, height: side)
    return isFlipped ? view.flipped : view
  }

  /// The box of a training view; after ten that do not fit, the middle at the nearest ratio.
  func randomBox(_ image: RGBImage, _ draws: inout SeededGenerator) -> RGBImage.Box {
    let (width, height) = (image.width, image.height)
    let ratios = (least: 3.0 / 4, most: 4.0 / 3)
    for _ in 0..<10 {
      let area =
        Double(width * height) * (leastArea + (1 - leastArea) * draws.uniform())
      let ratio = exp(log(ratios.least) + (log(ratios.most) - log(ratios.least)) * draws.uniform())
      let own = Int((area * ratio).squareRoot().rounded(.toNearestOrEven))
      let high = Int((area / ratio).squareRoot().rounded(.toNearestOrEven))
      guard (1...width).contains(own), (1...height).contains(high) else { continue }
      let top = draws.index(below: height - high + 1)
      return RGBImage.Box(
        left: draws.index(below: width - own + 1), top: top, width: own, height: high)
    }
    let ratio = Double(width) / Double(height)
    let own =
      ratio > ratios.most
      ? max(1, Int((Double(height) * ratios.most).rounded(.toNearestOrEven))) : width
    let high =
      ratio < ratios.least
      ? max(1, Int((Double(width) / ratios.least).rounded(.toNearestOrEven))) : height
    return RGBImage.Box(
      left: (width - own) / 2, top: (height - high) / 2, width: own, height: high)
  }

  /// The evaluation view: the short side resized to ``resizedSide``, then the square in the middle, by torchvision's
  /// `Resize` and `CenterCrop`.
  package func middle(_ image: RGBImage) -> RGBImage {
    let short = min(image.width, image.height)
    func resized(_ length: Int) -> Int { max(1, length * resizedSide / short) }
    let whole = image.resized(
      image.box, toWidth: resized(image.width), height: resized(image.height))
    func start(_ length: Int) -> Int {
      Int((Double(length - side) / 2).rounded(.toNearestOrEven))
    }
    return whole.cropped(
      RGBImage.Box(
        left: start(whole.width), top: start(whole.height), width: side, height: side))
  }
}

extension RGBImage {
  /// The pixels in a box. - Precondition: it lies in the image.
  package func cropped(_ box: Box) -> RGBImage {
    var rows: [UInt8] = []
    rows.reserveCapacity(3 * box.width * box.height)
    for row in box.top..<box.top + box.height {
      let start = (row * width + box.left) * 3
      rows += pixels[start..<start + box.width * 3]
    }
    return RGBImage(width: box.width, height: box.height, pixels: rows)
  }

  /// Mirrored left to right.
  package var flipped: RGBImage {
    var result = pixels
    for row in 0..<height {
      for column in 0..<width {
        let (from, to) = ((row * width + column) * 3, (row * width + width - 1 - column) * 3)
        for channel in 0..<3 { result[to + channel] = pixels[from + channel] }
      }
    }
    return RGBImage(width: width, height: height, pixels: result)
  }
}
