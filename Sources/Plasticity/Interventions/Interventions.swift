public import Torch

/// The baseline methods: those of the package, and those that a program adds.
public enum Interventions {
  private static let registry = Registry<any Intervention.Type>("method", builtIn) { $0.name }

  /// Every method, in the order in which they act: the network is rewritten and gradients are changed
  /// from the first to the last, parameters after the update from the last to the first.
  public static var all: [any Intervention.Type] { registry.all }

  private static let builtIn: [any Intervention.Type] = [
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
    registry[name].map { $0.init() }
  }

  /// Adds a method at its ``Intervention/place``. Before anything else asks for methods.
  ///
  /// - Throws: `RegistryError` for a name that is taken or cannot be one, and for a place beside a method that is not
  ///   there.
  public static func add(_ method: any Intervention.Type) throws(RegistryError) {
    try registry.add(method, at: method.place)
  }

  /// The place of a method in the order.
  static func rank(_ name: String) -> Int? { all.firstIndex { $0.name == name } }
}
