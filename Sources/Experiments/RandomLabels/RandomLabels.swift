import NormalizeAndProject
public import RunStore

/// The main job: who keeps learning when the labels change again and again?
///
/// Source: METHOD 3.1 (figure 1), 3.4 (figure 5).
public enum RandomLabels: ContinualRecipe {
  public static let name = "random-labels"
  public static let summary =
    "the same images with new random labels at every task: which arm keeps learning? (figures 1 and 5)"
  /// A task ends when the labels are drawn anew.
  public static let taskAxisTitle = "label resets"
  /// Mean online accuracy over the last fifth of the tasks.
  public static let primaryMeasure = PrimaryMeasure(.onlineAccuracy, over: .lastFifth)

  /// Figure 1: normalization helps, the projection helps further and keeps the level of a fresh start of the same
  /// network.
  public static let hypotheses = [
    Hypothesis("norm", .better, than: "plain", source: "the paper, figure 1"),
    Hypothesis("nap", .better, than: "norm", source: "the paper, figure 1"),
    Hypothesis("nap", .better, than: "plain", source: "the paper, figure 5"),
    Hypothesis("nap", .noWorse, than: "fresh-norm", source: "the paper, figure 1"),
  ]

  /// The base with what the arm switches on and off.
  ///
  /// Without the projection no scale or offset is learned where NaP's decay: normalization alone does worse with
  /// decayed ones and with free ones (Results/random-labels). A treatment among an arm's own
  /// settings, such as `norm[nap.scaleAndOffset=free]`, holds as written.
  public static func configuration(
    _ base: ContinualConfiguration, arm: String
  ) throws -> ContinualConfiguration {
    let named = try Arm(arm)
    var result = base.applying(named)
    if case .decay = base.nap.scaleAndOffset, named.method != .nap {
      result.nap.scaleAndOffset = .none
    }
    return result
  }
}
