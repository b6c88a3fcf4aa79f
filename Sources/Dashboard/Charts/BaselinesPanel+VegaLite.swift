import Statistics
import Texts

extension BaselinesPanel {
  /// The panel as a Vega-Lite view, without schema and theme.
  func view(_ palette: Palette, _ medium: ChartMedium) -> JSON {
    let methods = methods
    var view = medium.frame(height: max(90, Double(methods.count) * (isByGame ? 30 : 17)))
    var seeds: [JSON] = []
    var means: [JSON] = []
    var bars: [JSON] = []
    for row in rows {
      guard let mean = row.mean else { continue }
      let own: JSON = ["arm": .string(row.base), "method": .string(row.methods)]
      for (seed, score) in row.scoreBySeed.sorted(by: { $0.key < $1.key }) {
        var point = own
        point["seed"] = .number(Double(seed))
        point["value"] = .rounded(score)
        seeds.append(point)
      }
      var stroke = own
      stroke["value"] = .rounded(mean)
      means.append(stroke)
      if let interval = row.interval {
        var bar = own
        bar["lower"] = .rounded(interval.lower)
        bar["upper"] = .rounded(interval.upper)
        bars.append(bar)
      }
    }
    let y: JSON = [
      "field": "method", "type": "nominal", "title": nil,
      "sort": .array(methods.map(JSON.string)),
      "scale": ["domain": .array(methods.map(JSON.string))],
      "axis": ["grid": true, "labelFontSize": 11, "labelFlush": false],
    ]
    let x: JSON = [
      "field": "value", "type": "quantitative", "title": .axisTitle(valueTitle),
      "scale": ["zero": false, "nice": true], "axis": ["grid": true, "tickCount": 6],
    ]
    let colour = medium.colour(palette)
    view["layer"] = [
      [
        "data": ["values": .array(seeds)], "transform": medium.transform(),
        "mark": ["type": "point", "filled": true, "size": 22, "opacity": 0.45],
        "encoding": [
          "x": x, "y": y, "color": colour,
          "tooltip": [
            ["field": "method", "type": "nominal"], ["field": "arm", "type": "nominal"],
            ["field": "seed", "type": "quantitative"],
            ["field": "value", "type": "quantitative", "format": ".4f"],
          ],
        ],
      ],
      [
        "data": ["values": .array(means)], "transform": medium.transform(),
        "mark": ["type": "tick", "thickness": 2.5, "size": 13],
        "encoding": ["x": x, "y": y, "color": colour],
      ],
      [
        "data": ["values": .array(bars)], "transform": medium.transform(),
        "mark": ["type": "rule", "strokeWidth": 2],
        "encoding": [
          "x": ["field": "lower", "type": "quantitative"], "x2": ["field": "upper"], "y": y,
          "color": colour,
        ],
      ],
    ]
    return view
  }
}
