/// The baseline methods of the package.
public enum Interventions {
  /// Every method, in the order in which they act: the network is rewritten and gradients are changed
  /// from the first to the last, parameters after the update from the last to the first.
  public static let all: [any Intervention.Type] = [
    // Rewriting the network: nonlinearities first, since they change widths.
    LeakyReLUMethod.self, CReLUMethod.self, FourierFeaturesMethod.self,
    SpectralNormalizationMethod.self,
    // After the update, in reverse: the projection of rows and of the head last, softer rescaling and averaging, then
    // resets and recycling before them; the head is scaled once an injected one has its copies.
    RowNormalization.self, HeadProjection.self, SoftWeightRescaling.self, HareTortoise.self,
    PlasticityInjection.self, HeadScale.self, FullReset.self, LayerReset.self, HeadReset.self,
    ReDo.self, ContinualBackpropagation.self, SelfNormalizedResets.self, ShrinkAndPerturb.self,
    NoisyUpdates.self,
    // Gradients: penalties, then clipping, which limits their sum.
    L2Regularization.self, L2Initial.self, ParsevalRegularization.self,
    SpectralRegularization.self, NormClipping.self, ValueClipping.self,
    // Right around the optimizer.
    WeightDecay.self, HeadDecay.self, ScaleDecay.self, LearningRateRewarming.self, TRAC.self,
    RateRescaling.self, HeadRate.self, Hyperball.self, UPGD.self,
  ]

  /// A method with its defaults, by name; `nil` for a name that is none.
  public static func named(_ name: String) -> (any Intervention)? {
    all.first { $0.name == name }.map { $0.init() }
  }

  /// The place of a method in the order.
  static func rank(_ name: String) -> Int? { all.firstIndex { $0.name == name } }
}
