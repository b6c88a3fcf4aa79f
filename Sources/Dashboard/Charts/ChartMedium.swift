import Foundation
import Texts

/// Where a chart is shown; it decides what a chart carries besides its marks.
enum ChartMedium: Hashable, Sendable {
  /// In a page: fills its container, answers the pointer and the legend, has no title or legend of
  /// its own.
  case page
  /// In an image: fixed size, title and legend included.
  case image

  /// The size of one panel in an image, in points.
  static let imageSize = (width: 330.0, height: 210.0)

  /// Size, and the parameter through which the page's legend hides arms.
  func frame(height: Double = ChartMedium.imageSize.height) -> JSON {
    switch self {
    case .page:
      [
        "width": "container", "height": .number(height),
        "autosize": ["type": "fit-x", "contains": "padding"],
        "params": [["name": "hidden", "value": []]],
      ]
    case .image:
      ["width": .number(ChartMedium.imageSize.width), "height": .number(height)]
    }
  }

  /// Leaves out the arms that the page's legend has switched off, and what `filter` leaves out. A
  /// layer with data of its own does not inherit the view's transforms, so that each takes this.
  func transform(filter: String? = nil) -> JSON {
    let hidden = self == .page ? "indexof(hidden, datum.arm) < 0" : nil
    return .array([hidden, filter].compactMap { $0 }.map { ["filter": .string($0)] })
  }

  /// Colour and dash by arm; the legend is the page's, or the figure's first row.
  func colour(_ palette: Palette) -> JSON {
    ["field": "arm", "type": "nominal", "scale": palette.colourScale, "legend": nil]
  }

  func dash(_ palette: Palette) -> JSON {
    ["field": "arm", "type": "nominal", "scale": palette.dashScale, "legend": nil]
  }
}

extension JSON {
  /// The title of an axis in lines that fit beside or below a panel of a narrow page.
  static func axisTitle(_ text: String) -> JSON {
    let lines = Figure.wrapped(text, atMost: 34).map { $0.trimmingCharacters(in: .whitespaces) }
    return lines.count > 1 ? .array(lines.map(JSON.string)) : .string(text)
  }

  /// Labels of an axis as plain numbers, small ones by powers of ten.
  static let plainLabels: JSON = """
    datum.value !== 0 && abs(datum.value) < 0.001 \
    ? format(datum.value, '.3~e') : format(datum.value, ',.4~r')
    """
  /// Labels of a difference's axis: with a sign, but for 0.
  static let signedLabels: JSON = "datum.value === 0 ? '0' : format(datum.value, '+.3~g')"
}

/// The typography and lines that every chart shares. A page overrides the inks by style sheet, so that
/// they follow light, dark and print.
enum ChartTheme {
  static let font = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
  static let schema = "https://vega.github.io/schema/vega-lite/v6.json"

  static func config(for medium: ChartMedium) -> JSON {
    [
      "background": medium == .image ? "white" : "transparent",
      "font": .string(medium == .image ? "Arial, sans-serif" : font),
      "view": ["stroke": nil],
      "axis": [
        "labelColor": "#57606a", "titleColor": "#57606a", "labelFontSize": 11,
        "titleFontSize": 11.5, "titleFontWeight": "normal", "titlePadding": 8,
        "gridColor": "#e6e8eb", "gridWidth": 1, "domain": false, "ticks": false,
        "labelPadding": 6, "labelFlush": true,
      ],
      "axisX": ["grid": false, "domain": true, "domainColor": "#afb8c1", "tickCount": 6],
      "axisY": ["tickCount": 5, "labelFlush": false],
      "title": [
        "anchor": "start", "frame": "group", "fontSize": 14, "fontWeight": 600, "color": "#1f2328",
        "offset": 10,
        "subtitleColor": "#57606a", "subtitleFontSize": 11, "subtitlePadding": 4,
      ],
      "legend": ["labelFontSize": 12, "titleFontSize": 12, "labelColor": "#1f2328"],
    ]
  }
}
