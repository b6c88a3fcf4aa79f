import Networks
import NormalizeAndProject
import Plasticity

/// Combinations that undo or repeat one another. nap warns of them and trains them: figure 5 needs L2 and
/// shrink-and-perturb with the projection.
enum RedundantCombinations {
  /// One sentence per combination.
  static func warnings(
    nap: NaP, methods: InterventionSet, optimizer: OptimizerConfiguration
  ) -> [String] {
    var warnings: [String] = []
    let projects = !nap.projection.roles.isEmpty
    let holdsNorms = (try? methods.optimizer(optimizer))?.kind.holdsNorms ?? false
    if projects, optimizer.weightDecay > 0 {
      warnings.append(
        "weight decay \(optimizer.weightDecay) acts on projected weights, whose norm is restored "
          + "anyway; it changes only the direction of their updates")
    }
    for member in methods.members
    where (projects || holdsNorms) && member.effects.contains(.hiddenNorms) {
      warnings.append(
        "\(member.name) changes the norms of \(projects ? "projected weights" : "hidden matrices"), which "
          + "are restored anyway; only its effect on their directions remains")
    }
    if case .decay = nap.scaleAndOffset, methods.names.contains(ScaleDecay.name) {
      warnings.append(
        "\(ScaleDecay.name) draws learned scales to 0 and nap.scaleAndOffset draws them to 1; "
          + "nap.scaleAndOffset=free leaves them to \(ScaleDecay.name)")
    }
    func pairs(_ effect: InterventionEffect, _ sentence: (String) -> String) {
      let names = methods.members.filter { $0.effects.contains(effect) }.map(\.name)
      if names.count > 1 { warnings.append(sentence(names.joined(separator: " and "))) }
    }
    pairs(.outputNorms) {
      "\($0) each act on the norm of the output layer; the projection acts last"
    }
    pairs(.constrainedWeights) { "\($0) each constrain the size of weights" }
    return warnings
  }
}
