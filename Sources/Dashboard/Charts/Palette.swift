import Texts

/// The look of each arm: one colour and one dash pattern, the same in every figure of every report.
///
/// The colours stay apart for people with any of the three common colour-vision deficiencies (they follow Okabe and
/// Ito 2008) and have a contrast of at least 3 on white and on near-black. An arm called `base-something`,
/// `base+something` or `base[settings]` keeps the base's colour under another dash, where the base is an arm, too, or
/// one that has a colour of its own. The reference keeps its arm's colour and is dashed.
///
/// An arm of another name takes a colour by its name, the next free one where two names meet, so that it has the same
/// colour in other reports, too.
struct Palette: Hashable, Sendable {
  /// How one arm is drawn.
  struct Style: Hashable, Sendable {
    /// As `#rrggbb`.
    let colour: String
    /// Lengths of stroke and gap, in points; empty is a full line.
    let dash: [Double]
  }

  /// The arms in the order in which legends list them.
  let arms: [String]
  private let styles: [String: Style]

  /// An arm that the palette was not made with.
  static let unknown = Style(colour: grey, dash: referenceDash)

  private static let grey = "#7d8590"
  private static let referenceDash: [Double] = [5, 3]
  private static let known: [String: String] = [
    "nap": "#2a7fc4", "norm": "#c98500", "plain": "#d1495b", "project": "#2a9d6f", "fresh": grey,
  ]
  private static let others = [
    "#a866c2", "#8c6d46", "#2ba3b8", "#6f7d1f", "#e0679f", "#5566cc", "#b5651d", "#4f8f3a",
  ]
  private static let variantDashes: [[Double]] = [[8, 2], [2, 2], [8, 2, 2, 2], [4, 1, 1, 1]]

  init(arms: [String], reference: String = "fresh") {
    var styles: [String: Style] = [:]
    var variants: [String: Int] = [:]
    var families = Palette.known
    let names = Set(arms)
    func colour(of family: String) -> String {
      if let known = families[family] { return known }
      let start = family.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffff } % Palette.others.count
      let taken = Set(families.values)
      let turn = Palette.others[start...] + Palette.others[..<start]
      let found = turn.first { !taken.contains($0) } ?? turn.first ?? Palette.grey
      families[family] = found
      return found
    }
    for arm in arms where styles[arm] == nil {
      let base = Palette.base(of: arm)
      let isVariant = base != arm && (families[base] != nil || names.contains(base))
      var dash: [Double] = []
      if arm == reference, names.count > 1 {
        dash = Palette.referenceDash
      } else if isVariant {
        dash = Palette.variantDashes[variants[base, default: 0] % Palette.variantDashes.count]
        variants[base, default: 0] += 1
      }
      styles[arm] = Style(colour: colour(of: isVariant ? base : arm), dash: dash)
    }
    self.arms = arms
    self.styles = styles
  }

  /// How an arm is drawn; one that the palette was not made with, grey and dashed.
  func style(of arm: String) -> Style { styles[arm] ?? Palette.unknown }

  /// The colour scale of a chart.
  var colourScale: JSON {
    ["domain": domain, "range": .array(arms.map { .string(style(of: $0).colour) })]
  }

  /// The dash scale of a chart.
  var dashScale: JSON {
    let dashes = arms.map { arm -> JSON in
      let dash = style(of: arm).dash
      return .array((dash.isEmpty ? [1, 0] : dash).map(JSON.number))
    }
    return ["domain": domain, "range": .array(dashes)]
  }

  private var domain: JSON { .array(arms.map(JSON.string)) }

  private static func base(of arm: String) -> String {
    String(arm.prefix { !"-+/:_[ ".contains($0) })
  }
}
