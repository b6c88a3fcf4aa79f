import RunStore
import Texts

extension HeatMapPanel {
  /// The panel as a Vega-Lite view, without schema and theme.
  func view(_ medium: ChartMedium) -> JSON {
    let rows = Set(cells.map(\.y)).count
    var view = medium.frame(height: max(120, Double(rows) * 34))
    let largest = cells.compactMap(\.value).filter(\.isFinite).map(abs).max() ?? 0
    let bound = largest > 0 ? largest : 1
    view["data"] = [
      "values": .array(
        cells.map { cell in
          [
            "x": .number(cell.x), "y": .number(cell.y),
            "value": cell.value.map(JSON.rounded) ?? .null,
            "label": .string(Format.signed(cell.value, places: places)),
            "strength": .rounded(abs(cell.value ?? 0) / bound),
          ]
        })
    ]
    view["encoding"] = [
      "x": axis("x", xTitle, sort: "ascending"), "y": axis("y", yTitle, sort: "descending"),
    ]
    view["layer"] = [
      [
        "mark": ["type": "rect", "stroke": "white", "strokeWidth": 1, "cornerRadius": 2],
        "encoding": [
          "color": [
            "field": "value", "type": "quantitative",
            "scale": [
              "domain": [.number(-bound), 0, .number(bound)],
              "range": ["#c0660a", "#f6f5f2", "#1c68ae"], "interpolate": "lab",
            ],
            "legend": nil,
          ],
          "tooltip": [
            ["field": "x", "type": "quantitative", "title": .string(xTitle)],
            ["field": "y", "type": "quantitative", "title": .string(yTitle), "format": "~g"],
            ["field": "label", "type": "nominal", "title": .string(valueTitle)],
          ],
        ],
      ],
      [
        "mark": ["type": "text", "fontSize": 11, "style": "cell"],
        "encoding": [
          "text": ["field": "label", "type": "nominal"],
          "color": [
            "condition": ["test": "datum.strength > 0.6", "value": "white"], "value": "#24292f",
          ],
        ],
      ],
    ]
    return view
  }

  /// What the colours mean.
  var subtitle: [String] {
    let unfinished = cells.contains { $0.value == nil }
    return [
      valueTitle,
      "blue: \(aboveZero), brown: \(belowZero)"
        + (unfinished ? "; \(Format.none): did not finish" : ""),
    ]
  }

  private func axis(_ field: String, _ title: String, sort: String) -> JSON {
    [
      "field": .string(field), "type": "ordinal", "title": .string(title), "sort": .string(sort),
      "axis": ["labelAngle": 0, "labelExpr": .plainLabels, "grid": false, "domain": false],
    ]
  }
}
