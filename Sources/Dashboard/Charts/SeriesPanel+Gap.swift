extension SeriesPanel {
  /// How far every arm is from a reference: |value − the reference's value| of the same seed at the
  /// same place, on a logarithmic axis where values that are exactly equal cannot be drawn and are
  /// counted in the caption. `nil` when no other arm shares a seed with the reference.
  func gap(to reference: String) -> SeriesPanel? {
    let byReference = Dictionary(
      lines.filter { $0.arm == reference }.map { ($0.seed, $0.values) },
      uniquingKeysWith: { first, _ in first })
    let gaps = lines.compactMap { line -> Line? in
      guard line.arm != reference, let other = byReference[line.seed] else { return nil }
      let shared = line.values.compactMap { place, value in
        other[place].map { (place, abs(value - $0)) }
      }
      return Line(
        arm: line.arm, seed: line.seed, values: Dictionary(uniqueKeysWithValues: shared))
    }
    guard !gaps.isEmpty else { return nil }
    return SeriesPanel(
      metric, title: "\(title): distance to \(reference)", unit: unit, axis: axis,
      axisTitle: axisTitle, scale: .logarithmic, lines: gaps)
  }
}
