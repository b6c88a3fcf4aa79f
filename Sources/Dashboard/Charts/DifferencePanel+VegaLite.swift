import RunStore
import Statistics
import Texts

extension DifferencePanel {
  /// What the marks mean.
  var subtitle: [String] {
    var parts = [
      "one point per seed" + (hasIntervals ? "; bar: mean and its own 95 % t interval" : "")
    ]
    if let margin { parts.append("shaded: no harm within \(Format.plain(margin))") }
    return parts
  }

  private var hasIntervals: Bool { rows.contains { $0.difference?.interval != nil } }

  /// The arms that have a difference.
  var arms: [String] { rows.filter { $0.difference != nil }.map(\.outcome.arm) }

  /// The panel as a Vega-Lite view, without schema and theme.
  func view(_ palette: Palette, _ medium: ChartMedium) -> JSON {
    var view = medium.frame(height: max(90, Double(arms.count) * 42))
    var seeds: [JSON] = []
    var means: [JSON] = []
    for row in rows {
      guard let difference = row.difference else { continue }
      let arm = JSON.string(row.outcome.arm)
      for (seed, value) in zip(difference.seeds, difference.differences.values) {
        seeds.append(["arm": arm, "seed": .number(Double(seed)), "value": .rounded(value)])
      }
      if let interval = difference.interval {
        means.append([
          "arm": arm, "value": .rounded(difference.mean), "lower": .rounded(interval.lower),
          "upper": .rounded(interval.upper),
        ])
      }
    }
    let y: JSON = [
      "field": "arm", "type": "nominal", "title": nil, "sort": .array(arms.map(JSON.string)),
      "scale": ["domain": .array(arms.map(JSON.string))],
      "axis": ["grid": false, "labelFontSize": 12],
    ]
    func x(_ field: String) -> JSON {
      [
        "field": .string(field), "type": "quantitative", "title": .axisTitle(valueTitle),
        "scale": ["zero": true],
        "axis": ["labelExpr": .signedLabels, "grid": true, "tickCount": 6],
      ]
    }
    let colour = medium.colour(palette)
    var layers: [JSON] = []
    if let margin {
      let (low, high) = higherIsBetter ? (-margin, 0.0) : (0.0, margin)
      layers.append([
        "data": ["values": [["low": .number(low), "high": .number(high)]]],
        "mark": ["type": "rect", "color": "#8b949e", "opacity": 0.18],
        "encoding": [
          "x": ["field": "low", "type": "quantitative"], "x2": ["field": "high"],
          "tooltip": ["value": "no harm: not worse than this"],
        ],
      ])
    }
    layers += [
      [
        "data": ["values": [["zero": 0]]],
        "mark": ["type": "rule", "color": "#8b949e", "strokeWidth": 1],
        "encoding": ["x": ["field": "zero", "type": "quantitative"]],
      ],
      [
        "data": ["values": .array(seeds)], "transform": medium.transform(),
        "mark": ["type": "point", "filled": true, "size": 34, "opacity": hasIntervals ? 0.4 : 0.9],
        "encoding": ["x": x("value"), "y": y, "color": colour],
      ],
      [
        "data": ["values": .array(means)], "transform": medium.transform(),
        "mark": ["type": "rule", "strokeWidth": 2.5],
        "encoding": ["x": x("lower"), "x2": ["field": "upper"], "y": y, "color": colour],
      ],
      [
        "data": ["values": .array(means)], "transform": medium.transform(),
        "mark": ["type": "tick", "thickness": 3, "size": 16],
        "encoding": ["x": x("value"), "y": y, "color": colour],
      ],
    ]
    view["layer"] = .array(layers)
    return view
  }
}
