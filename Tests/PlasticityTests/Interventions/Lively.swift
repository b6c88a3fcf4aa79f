import Networks
import Plasticity

/// Every method, set so that it acts within a few updates of a small network.
enum Lively {
  static let all: [any Intervention] = [
    LeakyReLUMethod(), CReLUMethod(), FourierFeaturesMethod(), spectral, RowNormalization(),
    HeadProjection(), SoftWeightRescaling(), HareTortoise(), injection, HeadScale(), FullReset(),
    LayerReset(), HeadReset(), redo, continual, selfNormalized, ShrinkAndPerturb(), NoisyUpdates(),
    l2, L2Initial(), ParsevalRegularization(), SpectralRegularization(), normClipping,
    ValueClipping(), WeightDecay(), HeadDecay(), scaleDecay, rewarming, TRAC(), RateRescaling(),
    HeadRate(), Hyperball(), UPGD(),
  ]

  static let names: [String] = all.map(\.name)

  static func named(_ name: String) -> any Intervention {
    all.first { $0.name == name } ?? WeightDecay()
  }

  static var l2: L2Regularization {
    var method = L2Regularization()
    method.coefficient = 1e-2
    return method
  }

  static var spectral: SpectralNormalizationMethod {
    var method = SpectralNormalizationMethod()
    method.layers = .all
    return method
  }

  static var injection: PlasticityInjection {
    var method = PlasticityInjection()
    method.atUpdate = 10
    return method
  }

  static var redo: ReDo {
    var method = ReDo()
    method.threshold = 0.6
    method.everyUpdates = 3
    return method
  }

  static var continual: ContinualBackpropagation {
    var method = ContinualBackpropagation()
    method.replacementRate = 0.05
    method.maturityThreshold = 2
    return method
  }

  static var selfNormalized: SelfNormalizedResets {
    var method = SelfNormalizedResets()
    method.firstThreshold = 1
    method.largestThreshold = 4
    method.everyUpdates = 5
    return method
  }

  static var normClipping: NormClipping {
    var method = NormClipping()
    method.limit = 0.1
    return method
  }

  static var scaleDecay: ScaleDecay {
    var method = ScaleDecay()
    method.coefficient = 1
    return method
  }

  static var rewarming: LearningRateRewarming {
    var method = LearningRateRewarming()
    method.trigger = .cusum
    method.warmUpUpdates = 2
    method.decayUpdates = 6
    method.settlingUpdates = 3
    method.threshold = 0.5
    method.drift = 0.1
    return method
  }
}
