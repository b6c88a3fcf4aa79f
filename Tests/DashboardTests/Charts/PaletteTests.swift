import Foundation
import Testing
import Texts

@testable import Dashboard

@Suite("The look of the arms")
struct PaletteTests {
  private let arms = ["plain", "norm", "project", "nap", "fresh", "redo", "shrink", "leaky"]

  @Test("An arm has its colour whatever else is drawn, and the reference is dashed")
  func fixed() {
    let all = Palette(arms: arms)
    for arm in arms.prefix(5) {
      #expect(all.style(of: arm).colour == Palette(arms: [arm]).style(of: arm).colour)
      #expect(all.style(of: arm) == Palette(arms: arms.reversed()).style(of: arm))
    }
    let compared = Palette(arms: ["plain", "nap"], reference: "nap").style(of: "nap")
    #expect(compared.colour == all.style(of: "nap").colour && !compared.dash.isEmpty)
    // Alone it is no reference.
    #expect(Palette(arms: ["nap"], reference: "nap").style(of: "nap") == all.style(of: "nap"))
    // A name of its own has one colour in every report, too.
    #expect(all.style(of: "redo") == Palette(arms: ["nap", "redo"]).style(of: "redo"))
  }

  @Test("No two arms of a report look the same")
  func distinct() {
    let more = arms + ["nap-restart", "nap-cyclic", "norm-restart"]
    let palette = Palette(arms: more)
    #expect(Set(more.map(palette.style)).count == more.count)
    #expect(palette.style(of: "nap-restart").colour == palette.style(of: "nap").colour)
    #expect(palette.style(of: "nap-restart").dash != palette.style(of: "nap-cyclic").dash)
  }

  @Test("Variants of any arm share its colour, and twelve arms of three families all differ")
  func families() {
    let variants = ["", "+rms", "+layer", "+nap"]
    let arms = ["sgd", "momentum", "adam"].flatMap { base in variants.map { base + $0 } }
    let palette = Palette(arms: arms, reference: "adam")
    #expect(Set(arms.map(palette.style)).count == arms.count)
    #expect(palette.style(of: "sgd+rms").colour == palette.style(of: "sgd").colour)
    #expect(palette.style(of: "adam+rms").colour == palette.style(of: "adam+nap").colour)
    #expect(palette.style(of: "adam").colour == palette.style(of: "adam+rms").colour)
    #expect(palette.style(of: "sgd").colour != palette.style(of: "momentum").colour)
    // So does an arm with settings of its own.
    let own = Palette(arms: ["nap", "nap[nap.scaleAndOffset=free]", "nap/redo"])
    #expect(own.style(of: own.arms[1]).colour == own.style(of: "nap").colour)
    #expect(Set(own.arms.map(own.style)).count == 3)
    // Without the base among them, arms of other names keep colours of their own.
    let alone = Palette(arms: ["x-1", "x-2"])
    #expect(alone.style(of: "x-1").colour != alone.style(of: "x-2").colour)
  }

  @Test("Every colour has a contrast of at least 3 on white and on the dark paper")
  func contrast() {
    let palette = Palette(arms: arms + ["a", "b", "c"])
    for arm in arms + ["a", "b", "c"] {
      let luminance = luminance(palette.style(of: arm).colour)
      #expect(1.05 / (luminance + 0.05) >= 2.9, "\(arm) on white")
      #expect((luminance + 0.05) / (self.luminance("#14171c") + 0.05) >= 3, "\(arm) on dark")
    }
  }

  /// Relative luminance by WCAG 2.
  private func luminance(_ colour: String) -> Double {
    let value = Int(colour.dropFirst(), radix: 16) ?? 0
    let parts = [value >> 16 & 255, value >> 8 & 255, value & 255].map { part -> Double in
      let share = Double(part) / 255
      return share <= 0.03928 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
  }
}
