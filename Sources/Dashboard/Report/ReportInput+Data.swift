import RunStore
import Texts

extension ReportInput {
  /// What the runs learned from, by their configurations: images, texts, environments.
  var data: [String] { Set(runs.flatMap { Self.data(of: $0.settings) }).sorted() }

  private static func data(of settings: JSON) -> [String] {
    var found: [String] = []
    if let data = settings["data"], let source = data["source"]?.leaf, !source.isEmpty {
      let count =
        data["imageCount"]?.leaf.flatMap(Int.init).flatMap { $0 > 0 ? "\($0) " : nil } ?? ""
      switch source {
      case "procedural": found.append("\(count)procedural images, which nap draws itself")
      case "modular-addition":
        found.append("sums modulo \(data["addition"]?["modulus"]?.leaf ?? "a prime")")
      default: found.append("\(count)images of \(source)")
      }
    }
    if let training = settings["data"]?["training"]?.leaf, settings["data"]?["source"] == nil {
      found.append("images of \(training)")
    }
    let texts = settings["texts"]?.leaf ?? settings["text"]?.leaf ?? ""
    if !texts.isEmpty { found.append("the texts \(texts)") }
    let environments = settings["environments"]?["names"]?.leaf ?? ""
    if !environments.isEmpty { found.append("play in \(environments)") }
    return found
  }

  /// A remark for each arm with NaP whose parameter norm grows all the same (by a fifth or more; our choice).
  var growth: [String] {
    let norms = panels.compactMap { panel -> SeriesPanel? in
      if case .series(let series) = panel, series.metric == .parameterNorm { series } else { nil }
    }
    guard let norms = norms.first else { return [] }
    let arms = norms.lines.map(\.arm).filter { $0.prefix { $0.isLetter } == "nap" }
    return Set(arms).sorted().compactMap { arm -> String? in
      let lines = norms.lines.filter { $0.arm == arm }
      let ends = lines.compactMap { line -> (first: Double, last: Double)? in
        let points = line.values.filter(\.value.isFinite).sorted { $0.key < $1.key }
        guard let first = points.first?.value, let last = points.last?.value, first > 0 else {
          return nil
        }
        return (first, last)
      }
      guard !ends.isEmpty else { return nil }
      let first = ends.reduce(0) { $0 + $1.first } / Double(ends.count)
      let last = ends.reduce(0) { $0 + $1.last } / Double(ends.count)
      guard last >= 1.2 * first else { return nil }
      return
        "\(arm): the parameter norm grows from \(Format.significant(first)) to \(Format.significant(last)). Projected "
        + "weights keep their norms, so what grows is not projected: the output layer, embeddings, biases, scales and "
        + "offsets."
    }
  }
}

extension JSON {
  /// Every setting by its dotted key, as `--set` writes it.
  var leaves: [String: String] {
    Dictionary(
      uniqueKeysWithValues: paths.map { path in
        (path, self[path.split(separator: ".").map(String.init)[...]]?.leaf ?? "")
      })
  }

  /// A value that is no object, in words; lists with commas.
  var leaf: String? {
    switch self {
    case .object: nil
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let text): text
    case .array(let values): values.compactMap(\.leaf).joined(separator: ", ")
    }
  }
}
