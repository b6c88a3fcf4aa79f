import Torch

extension Nearest {
  /// The error for a name that is not among `candidates`: with the nearest ones, or else with all.
  static func error(
    _ problem: String, _ name: String, among candidates: [String], _ listing: String
  ) -> UsageError {
    let nearest = names(to: name, among: candidates)
    let hint =
      nearest.isEmpty
      ? "\(listing) \(candidates.joined(separator: ", "))"
      : "did you mean \(nearest.joined(separator: ", "))?"
    return UsageError("\(problem) '\(name)'; \(hint)")
  }
}
