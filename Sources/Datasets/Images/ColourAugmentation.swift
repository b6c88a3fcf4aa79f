import Foundation
import Torch

/// Changes of colour at random: torchvision's `ColorJitter`. Each factor is drawn from 1 ± its setting, not below 0;
/// the turn of hues from ± `hue`; the order of the four at random.
package struct ColourJitter: Hashable, Sendable {
  package var (brightness, contrast, saturation, hue) = (0.0, 0.0, 0.0, 0.0)

  package init() {}

  /// Nine numbers of the generator or so, whatever is switched off.
  func apply(_ image: RGBImage, _ draws: inout SeededGenerator) -> RGBImage {
    let order = draws.permutation(of: 4)
    let numbers = (0..<4).map { _ in 2 * draws.uniform() - 1 }
    var image = image
    for kind in order {
      let strength = [brightness, contrast, saturation, hue][kind]
      guard strength > 0 else { continue }
      let factor =
        max(0, 1 - strength) + (1 + strength - max(0, 1 - strength)) * (numbers[kind] + 1) / 2
      switch kind {
      case 0: image = image.brightened(factor)
      case 1: image = image.contrasted(factor)
      case 2: image = image.saturated(factor)
      default: image = image.hueTurned(strength * numbers[kind])
      }
    }
    return image
  }
}

/// Some of fourteen changes, drawn with replacement, all of one strength: RandAugment (Cubuk et al. 2020) with the
/// changes and their ranges as torchvision's `RandAugment` has them, in 31 steps of strength, by the nearest pixel and
/// on black.
package struct RandAugment: Hashable, Sendable {
  /// Changes of an image; 0 for none.
  package var changes = 0
  /// Their strength, 0 to 30.
  package var magnitude = 9

  package init() {}

  /// A change.
  enum Change: Int, CaseIterable {
    case identity, shearX, shearY, translateX, translateY, rotate, brightness, colour, contrast,
      sharpness,
      posterize, solarize, autocontrast, equalize
  }

  func apply(_ image: RGBImage, _ draws: inout SeededGenerator) -> RGBImage {
    var image = image
    for _ in 0..<changes {
      let change = Change.allCases[draws.index(below: Change.allCases.count)]
      image = change.apply(image, magnitude, isNegative: draws.index(below: 2) == 1)
    }
    return image
  }
}

extension RandAugment.Change {
  /// - Parameter isNegative: the other direction, for changes that have two.
  func apply(_ image: RGBImage, _ magnitude: Int, isNegative: Bool) -> RGBImage {
    func signed(_ most: Double) -> Double {
      // torchvision's ranges are numbers of 32 bits.
      Double(Float(most * Double(magnitude) / 30)) * (isNegative ? -1 : 1)
    }
    switch self {
    case .identity: return image
    case .shearX: return image.transformed([1, signed(0.3), 0, 0, 1, 0])
    case .shearY: return image.transformed([1, 0, 0, signed(0.3), 1, 0])
    case .translateX:
      return image.transformed([
        1, 0, -Double(Int(signed(150.0 / 331 * Double(image.width)))), 0, 1, 0,
      ])
    case .translateY:
      return image.transformed([
        1, 0, 0, 0, 1, -Double(Int(signed(150.0 / 331 * Double(image.height)))),
      ])
    case .rotate: return image.rotated(degrees: signed(30))
    case .brightness: return image.brightened(1 + signed(0.9))
    case .colour: return image.saturated(1 + signed(0.9))
    case .contrast: return image.contrasted(1 + signed(0.9))
    case .sharpness: return image.sharpened(1 + signed(0.9))
    case .posterize:
      return image.posterized(bits: 8 - Int((Double(magnitude) / 7.5).rounded(.toNearestOrEven)))
    case .solarize: return image.solarized(from: 255 - 255 * Double(magnitude) / 30)
    case .autocontrast: return image.stretched
    case .equalize: return image.equalized
    }
  }
}
