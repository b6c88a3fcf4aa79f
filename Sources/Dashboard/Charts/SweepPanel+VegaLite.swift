import Foundation
import RunStore
import Statistics
import Texts

extension SweepPanel {
  /// What the figure shows.
  var subtitle: [String] {
    [
      settings.first?.score ?? "",
      "one point per seed; ring: the choice" + (hasUnfinished ? "; cross: did not finish" : ""),
    ]
  }

  private var hasUnfinished: Bool {
    settings.contains { $0.candidates.contains { !$0.unfinishedSeeds.isEmpty } }
  }

  /// The panel as a Vega-Lite view, without schema and theme.
  func view(_ palette: Palette, _ medium: ChartMedium) -> JSON {
    var view = medium.frame()
    var points: [JSON] = []
    var means: [JSON] = []
    var crosses: [JSON] = []
    let worst = worstScore
    for setting in settings {
      for candidate in setting.candidates {
        let row: JSON = ["arm": .string(setting.arm), "value": .number(candidate.value)]
        let scores = candidate.scoreBySeed.sorted { $0.key < $1.key }.filter(\.value.isFinite)
        for (seed, score) in scores {
          var point = row
          point["seed"] = .number(Double(seed))
          point["score"] = .rounded(score)
          points.append(point)
        }
        if !scores.isEmpty {
          var mean = row
          mean["score"] = .rounded(Sample(scores.map(\.value)).mean)
          mean["chosen"] = .bool(candidate.value == setting.value)
          means.append(mean)
        }
        for seed in candidate.unfinishedSeeds + candidate.notFiniteSeeds {
          var cross = row
          cross["seed"] = .number(Double(seed))
          cross["score"] = .rounded(worst)
          crosses.append(cross)
        }
      }
    }
    let encoding: JSON = [
      "x": [
        "field": "value", "type": "quantitative", "title": .axisTitle(axisTitle),
        "scale": ["type": "log", "nice": false, "padding": 14],
        "axis": ["format": "~e", "values": .array(tickValues.map(JSON.number))],
      ],
      "y": [
        "field": "score", "type": "quantitative", "title": "score",
        "scale": scale == .logarithmic ? ["type": "log"] : ["zero": false],
        "axis": ["labelExpr": .plainLabels],
      ],
      "color": medium.colour(palette),
      "tooltip": [
        ["field": "arm", "type": "nominal"],
        ["field": "value", "type": "quantitative", "title": .string(axisTitle), "format": "~g"],
        ["field": "score", "type": "quantitative", "format": ".4~g"],
      ],
    ]
    var dashed = encoding
    dashed["strokeDash"] = medium.dash(palette)
    let layers: [JSON] = [
      [
        "data": ["values": .array(means)], "transform": medium.transform(),
        "mark": ["type": "line", "strokeWidth": 2],
        "encoding": dashed,
      ],
      [
        "data": ["values": .array(points)], "transform": medium.transform(),
        "mark": ["type": "point", "filled": true, "size": 26, "opacity": 0.6],
        "encoding": encoding,
      ],
      [
        "data": ["values": .array(means)], "transform": medium.transform(filter: "datum.chosen"),
        "mark": ["type": "point", "filled": false, "size": 190, "strokeWidth": 2.4],
        "encoding": encoding,
      ],
      [
        "data": ["values": .array(crosses)], "transform": medium.transform(),
        "mark": [
          "type": "point", "shape": "M-1,-1L1,1M-1,1L1,-1", "size": 60, "strokeWidth": 1.8,
          "filled": false,
        ],
        "encoding": encoding,
      ],
    ]
    view["layer"] = .array(layers)
    return view
  }

  private var tickValues: [Double] {
    Set(settings.flatMap { $0.candidates.map(\.value) }).sorted()
  }

  private var worstScore: Double {
    let scores = settings.flatMap { $0.candidates.flatMap { $0.scoreBySeed.values } }
      .filter(\.isFinite)
    let higherIsBetter = settings.first?.higherIsBetter ?? true
    return (higherIsBetter ? scores.min() : scores.max()) ?? 0
  }
}

extension TunedSetting.Candidate {
  /// Seeds that finished with a score that is not finite.
  var notFiniteSeeds: [Int] { scoreBySeed.filter { !$0.value.isFinite }.keys.sorted() }
}
