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
  /// Changes of the colours of training views.
  package var jitter = ColourJitter()
  /// Further changes of training views.
  package var randAugment = RandAugment()

  package init(
    side: Int = 224, resizedSide: Int = 256, leastArea: Double = 0.08, flips: Bool = true
  ) {
    self.side = side
    self.resizedSide = resizedSide
    self.leastArea = leastArea
    self.flips = flips
  }

  /// A training view: a box of random area and of a ratio of sides from 3/4 to 4/3, resized, and mirrored half of the
  /// time (Szegedy et al. 2015, by torchvision's `RandomResizedCrop`); then ``RandAugment`` and ``ColourJitter``.
  ///
  /// Deviation: a box much larger than the view is scaled while it is decoded; see ``EncodedImage/resized(_:toSide:)``.
  package func random(_ image: EncodedImage, _ draws: inout SeededGenerator) throws -> RGBImage {
    let box = randomBox(width: image.width, height: image.height, &draws)
    let isFlipped = draws.index(below: 2) == 1 && flips
    let view = try image.resized(box, toSide: side)
    return jitter.apply(randAugment.apply(isFlipped ? view.flipped : view, &draws), &draws)
  }

  /// The box of a training view; after ten that do not fit, the middle at the nearest ratio.
  func randomBox(width: Int, height: Int, _ draws: inout SeededGenerator) -> RGBImage.Box {
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
    let (width, height) = (resized(image.width), resized(image.height))
    func start(_ length: Int) -> Int {
      Int((Double(length - side) / 2).rounded(.toNearestOrEven))
    }
    return image.resized(
      from: (0, 0), to: (Double(image.width), Double(image.height)), width: width, height: height,
      crop: RGBImage.Box(left: start(width), top: start(height), width: side, height: side))
  }
}
