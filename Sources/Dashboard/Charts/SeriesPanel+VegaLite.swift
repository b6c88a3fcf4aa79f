import Foundation
import RunStore
import Statistics
import Texts

extension SeriesPanel {
  /// The panel as a Vega-Lite view, without schema and theme.
  func view(_ chart: SeriesChart, _ palette: Palette, _ medium: ChartMedium) -> JSON {
    var view = medium.frame()
    let band = chart.band.map { point -> JSON in
      [
        "arm": .string(point.arm), "task": .number(Double(point.task)),
        "mean": .rounded(point.mean), "lower": .rounded(point.interval.lower),
        "upper": .rounded(point.interval.upper), "piece": .number(Double(piece(of: point.task))),
      ]
    }
    let seeds = chart.seeds.map { point -> JSON in
      [
        "arm": .string(point.arm), "task": .number(Double(point.task)),
        "seed": .number(Double(point.seed)), "value": point.value.map(JSON.rounded) ?? .null,
        "piece": .number(Double(piece(of: point.task))),
      ]
    }
    var layers: [JSON] = breaks.isEmpty ? [] : [breakLayer(chart)]
    if !seeds.isEmpty { layers.append(seedLayer(seeds, chart, palette, medium)) }
    if !band.isEmpty { layers += bandLayers(band, chart, palette, medium) }
    if medium == .page { layers += pointerLayers(chart, palette) }
    view["layer"] = .array(layers)
    return view
  }

  private func x(_ chart: SeriesChart) -> JSON {
    [
      "field": "task", "type": "quantitative", "title": .string(axisTitle),
      "scale": ["nice": false],
      "axis": chart.places.isEmpty
        ? ["format": "d", "tickMinStep": 1, "labelOverlap": "greedy", "labelSeparation": 8]
        : ["format": "d", "values": .array(chart.places.map { .number(Double($0)) })],
    ]
  }

  private func y(_ field: String, _ chart: SeriesChart) -> JSON {
    let unitTitle = JSON.string(unit.isEmpty ? "" : unit)
    if chart.isLogarithmic {
      return [
        "field": .string(field), "type": "quantitative", "title": unitTitle,
        "scale": ["type": "log", "nice": false],
        "axis": chart.ticks.isEmpty
          ? ["labelExpr": .plainLabels, "tickCount": 4]
          : [
            "labelExpr": .plainLabels, "labelOverlap": false,
            "values": .array(chart.ticks.map(JSON.rounded)),
          ],
      ]
    }
    return [
      "field": .string(field), "type": "quantitative", "title": unitTitle,
      "scale": isShare ? ["domain": [0, 1], "nice": false] : linearScale,
      "axis": ["labelExpr": .plainLabels],
    ]
  }

  /// Values that hardly differ, such as a rate that is held, get an axis on which they hardly differ.
  private var linearScale: JSON {
    let values = lines.flatMap { $0.values.values.filter(\.isFinite) }
    guard let least = values.min(), let most = values.max(), least > 0, most < 1.02 * least else {
      return ["zero": false, "nice": true]
    }
    return [
      "domain": [.rounded(0.98 * least), .rounded(1.02 * most)], "nice": true, "zero": false,
    ]
  }

  /// Whether the values are shares, whose axis runs from 0 to 1, so that nothing but a band can lie beyond it.
  private var isShare: Bool {
    unit == "share"
      && lines.allSatisfy { $0.values.values.allSatisfy { !$0.isFinite || (0...1).contains($0) } }
  }

  /// A rule at each break.
  private func breakLayer(_ chart: SeriesChart) -> JSON {
    [
      "data": ["values": .array(breaks.map { ["task": .number(Double($0))] })],
      "mark": ["type": "rule", "strokeWidth": 1, "strokeDash": [3, 3], "color": "#8b949e"],
      "encoding": ["x": x(chart)],
    ]
  }

  private func seedLayer(
    _ rows: [JSON], _ chart: SeriesChart, _ palette: Palette, _ medium: ChartMedium
  ) -> JSON {
    [
      "data": ["values": .array(rows)], "transform": medium.transform(),
      "mark": [
        "type": "line", "strokeWidth": 1.2, "opacity": 0.8, "clip": false,
        "invalid": "break-paths-show-path-domains",
        "point": chart.taskCount <= 12
          ? ["size": 22, "filled": true] : .bool(false),
      ],
      "encoding": [
        "x": x(chart), "y": y("value", chart), "color": medium.colour(palette),
        "strokeDash": medium.dash(palette),
        "detail": [["field": "seed", "type": "nominal"], ["field": "piece", "type": "nominal"]],
      ],
    ]
  }

  private func bandLayers(
    _ rows: [JSON], _ chart: SeriesChart, _ palette: Palette, _ medium: ChartMedium
  ) -> [JSON] {
    let data: JSON = ["values": .array(rows)]
    return [
      [
        "data": data, "transform": medium.transform(),
        "mark": ["type": "area", "opacity": 0.18, "clip": .bool(isShare)],
        "encoding": [
          "x": x(chart), "y": y("lower", chart), "y2": ["field": "upper"],
          "color": medium.colour(palette), "detail": ["field": "piece", "type": "nominal"],
        ],
      ],
      [
        "data": data, "transform": medium.transform(),
        "mark": [
          "type": "line", "strokeWidth": 2, "clip": false, "strokeJoin": "round",
          "point": chart.taskCount <= 12 ? ["size": 28, "filled": true] : .bool(false),
        ],
        "encoding": [
          "x": x(chart), "y": y("mean", chart), "color": medium.colour(palette),
          "strokeDash": medium.dash(palette), "detail": ["field": "piece", "type": "nominal"],
        ],
      ],
    ]
  }

  /// A rule under the pointer that names every arm's value at the task.
  private func pointerLayers(_ chart: SeriesChart, _ palette: Palette) -> [JSON] {
    var byTask: [Int: JSON] = [:]
    for point in chart.band {
      let interval = point.interval
      byTask[point.task, default: ["task": .number(Double(point.task))]][point.arm] = .string(
        "\(Format.significant(point.mean)) "
          + "(\(Format.significant(interval.lower)) to \(Format.significant(interval.upper)))")
    }
    let bySeed = Dictionary(grouping: chart.seeds) { [String($0.task), $0.arm] }
    for points in bySeed.values {
      guard let first = points.first else { continue }
      byTask[first.task, default: ["task": .number(Double(first.task))]][first.arm] = .string(
        points.map { Format.significant($0.value ?? .nan) }.joined(separator: ", "))
    }
    let rows = byTask.sorted { $0.key < $1.key }.map(\.value)
    let arms = palette.arms.map { arm -> JSON in
      ["field": .string(JSON.fieldPath(arm)), "type": "nominal", "title": .string(arm)]
    }
    let data: JSON = ["values": .array(rows)]
    // Each task is caught by a strip as wide as its share of the panel, at least three points.
    let strip = max(3, ChartMedium.imageSize.width / Double(max(1, rows.count)))
    return [
      [
        "data": data, "mark": ["type": "rule", "strokeWidth": 1, "color": "#8b949e"],
        "encoding": [
          "x": x(chart),
          "opacity": [
            "condition": ["param": "pointer", "empty": false, "value": 0.7], "value": 0,
          ],
        ],
      ],
      [
        "data": data,
        "params": [
          [
            "name": "pointer",
            "select": [
              "type": "point", "on": "pointerover", "clear": "pointerout", "fields": ["task"],
            ],
          ]
        ],
        "mark": ["type": "rule", "strokeWidth": .number(strip), "opacity": 0],
        "encoding": [
          "x": x(chart),
          "tooltip": .array(
            [["field": "task", "type": "quantitative", "title": .string(axis.noun)]] + arms),
        ],
      ],
    ]
  }
}

extension JSON {
  /// A field's name in a chart, its dots and brackets taken as letters.
  static func fieldPath(_ name: String) -> String {
    var path = ""
    for character in name {
      if ".[]\\'\"".contains(character) { path += "\\" }
      path.append(character)
    }
    return path
  }
}
