import RunStore
import Texts

/// Panels as Vega-Lite descriptions: each alone for a page, or all in one image.
struct Figure {
  /// A panel with what is worked out from its values once.
  struct Drawn {
    let panel: Panel
    /// What a series panel draws; `nil` for other kinds.
    let chart: SeriesChart?
    /// What the marks mean, a part per line.
    let subtitle: [String]
    /// What a reader must know that the image does not show.
    let remarks: [String]

    init(_ panel: Panel, _ palette: Palette) {
      self.panel = panel
      switch panel {
      case .series(let series):
        let chart = SeriesChart(series, arms: palette.arms)
        self.chart = chart
        (subtitle, remarks) = (chart.subtitle, chart.remarks)
      case .sweep(let sweep):
        chart = nil
        (subtitle, remarks) = (sweep.subtitle, [])
      case .heatMap(let map):
        chart = nil
        (subtitle, remarks) = (map.subtitle, [])
      case .difference(let difference):
        chart = nil
        (subtitle, remarks) = (difference.subtitle, [])
      case .baselines(let baselines):
        chart = nil
        (subtitle, remarks) = (baselines.subtitle, [])
      }
    }
  }

  let panels: [Drawn]
  let palette: Palette
  /// What stands in small letters under an image.
  let footnotes: [String]

  init(panels: [Panel], palette: Palette, footnotes: [String] = []) {
    self.panels = panels.map { Drawn($0, palette) }
    self.palette = palette
    self.footnotes = footnotes
  }

  /// One panel for a page, complete.
  func pageChart(_ drawn: Drawn) -> JSON {
    var chart = complete(view(drawn, .page), .page)
    chart["description"] = .string(
      ([drawn.panel.title] + drawn.subtitle + drawn.remarks).joined(separator: "; "))
    return chart
  }

  /// All panels in one image, in rows, under a legend.
  var image: JSON {
    let columns = panels.count <= 4 ? min(2, panels.count) : 3
    let lines = panels.map { $0.subtitle.count + $0.remarks.count }.max() ?? 0
    let captionHeight = 14 * Double(lines)
    let charts: JSON = [
      "concat": .array(panels.map { imageChart($0, captionLines: lines) }),
      "columns": .number(Double(columns)),
      "bounds": "flush", "spacing": ["row": .number(76 + captionHeight), "column": 78],
    ]
    var image = charts
    if !legendArms.isEmpty {
      image = [
        "vconcat": [legend, charts], "spacing": .number(42 + captionHeight), "bounds": "flush",
      ]
    }
    if !footnotes.isEmpty {
      // Flush bounds end with the first row of panels: the footer goes below all that is drawn.
      let width = Double(columns) * (ChartMedium.imageSize.width + 78) - 78
      image = ["vconcat": [image, footer(width: width)], "spacing": 24, "bounds": "full"]
    }
    image["padding"] = 18
    return complete(image, .image)
  }

  /// A panel of an image, its caption filled up with blank lines, so that the titles of a row align.
  private func imageChart(_ drawn: Drawn, captionLines: Int) -> JSON {
    var chart = view(drawn, .image)
    let lines = drawn.subtitle + drawn.remarks
    let blanks = Array(repeating: " ", count: captionLines - lines.count)
    chart["title"] = [
      "text": .string(drawn.panel.title), "subtitle": .array((lines + blanks).map(JSON.string)),
    ]
    return chart
  }

  /// The arms that some panel draws.
  var legendArms: [String] {
    let drawn = Set(panels.flatMap(\.panel.arms))
    return palette.arms.filter(drawn.contains)
  }

  private func view(_ drawn: Drawn, _ medium: ChartMedium) -> JSON {
    switch (drawn.panel, drawn.chart) {
    case (.series(let panel), let chart?): panel.view(chart, palette, medium)
    case (.series, nil): .null
    case (.sweep(let panel), _): panel.view(palette, medium)
    case (.heatMap(let panel), _): panel.view(medium)
    case (.difference(let panel), _): panel.view(palette, medium)
    case (.baselines(let panel), _): panel.view(palette, medium)
    }
  }

  private func complete(_ view: JSON, _ medium: ChartMedium) -> JSON {
    var chart = view
    chart["$schema"] = .string(ChartTheme.schema)
    chart["config"] = ChartTheme.config(for: medium)
    return chart
  }

  /// The footnotes, in lines as wide as the panels.
  private func footer(width: Double) -> JSON {
    let lines = footnotes.flatMap { Self.wrapped($0, atMost: max(40, Int(width / 6))) }
    let rows = lines.enumerated().map { line, text -> JSON in
      ["y": .number(Double(line)), "text": .string(text)]
    }
    return [
      "width": .number(width), "height": .number(14 * Double(lines.count)),
      "data": ["values": .array(rows)],
      "mark": [
        "type": "text", "align": "left", "fontSize": 10, "color": "#57606a", "x": 0,
        "baseline": "middle",
      ],
      "encoding": [
        "y": [
          "field": "y", "type": "quantitative", "axis": nil,
          "scale": [
            "domain": [-0.5, .number(Double(lines.count) - 0.5)], "reverse": true, "nice": false,
          ],
        ], "text": ["field": "text", "type": "nominal"],
      ],
    ]
  }

  /// Text in lines of at most so many characters, broken at spaces; lines after the first are set in.
  static func wrapped(_ text: String, atMost limit: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= limit {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(lines.isEmpty ? String(word) : "    \(word)")
      }
    }
    return lines
  }

  /// Rows of strokes and names: one legend for all panels of an image, as wide as its panels.
  private var legend: JSON {
    let limit = 1_150.0
    var (x, line, widest) = (0.0, 0.0, 0.0)
    var rows: [JSON] = []
    for arm in legendArms {
      let width = 26 + 7 + Double(arm.count) * 7.2 + 26
      if x > 0, x + width > limit { (x, line) = (0, line + 1) }
      rows.append([
        "arm": .string(arm), "start": .number(x), "end": .number(x + 26), "name": .number(x + 33),
        "y": .number(line),
      ])
      x += width
      widest = max(widest, x)
    }
    let y: JSON = [
      "field": "y", "type": "quantitative", "axis": nil,
      "scale": ["domain": [-0.5, .number(line + 0.5)], "reverse": true, "nice": false],
    ]
    func position(_ field: String) -> JSON {
      [
        "field": .string(field), "type": "quantitative", "axis": nil,
        "scale": ["domain": [0, .number(widest)], "nice": false],
      ]
    }
    return [
      "width": .number(widest), "height": .number(18 * (line + 1)),
      "data": ["values": .array(rows)], "encoding": ["y": y],
      "layer": [
        [
          "mark": ["type": "rule", "strokeWidth": 2.4],
          "encoding": [
            "x": position("start"), "x2": ["field": "end"],
            "color": ChartMedium.image.colour(palette),
            "strokeDash": ChartMedium.image.dash(palette),
          ],
        ],
        [
          "mark": ["type": "text", "align": "left", "fontSize": 12.5, "color": "#1f2328"],
          "encoding": ["x": position("name"), "text": ["field": "arm", "type": "nominal"]],
        ],
      ],
    ]
  }
}
