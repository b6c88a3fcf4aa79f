public import Networks
import Torch

/// Noisy updates: Gaussian noise beside every update.
///
///     W ← W + η s ξ,  ξ ∼ N(0, I)          (place `gradient`: g ← g + s ξ before the optimizer)
///
/// Figure 5 of the paper names the method and no source or size (METHOD 3.4, 7): that the noise goes
/// with the learning rate, its place and its size are our choice. In the gradient it is the additive
/// noise of Neelakantan et al. 2015 (arXiv 1511.06807), section 3, without their annealing.
public struct NoisyUpdates: Intervention {
  public static let name = "noisy-updates"
  public static let summary = "adds Gaussian noise, scaled by the learning rate, to every update"
  public static let source = "figure 5 of the paper, form ours; Neelakantan et al. 2015, section 3"

  /// Where the noise enters.
  public enum Place: String, Sendable, Hashable, Codable, CaseIterable {
    /// After the optimizer.
    case update
    /// Before the optimizer.
    case gradient
  }

  /// s.
  public var scale = 0.1
  /// Where it enters.
  public var place = Place.update
  /// What it moves.
  public var parameters = ParameterSelection.all

  public init() {}

  /// s is at least 0.
  public func validate() throws(ConfigurationError) { try requireNotNegative(scale, "scale") }

  public func idleReason(on subject: InterventionSubject) -> String? {
    subject.reasonNothingIs(in: parameters, of: Self.name)
  }

  public func hook() -> any Hook { UpdateNoise(configuration: self) }
}

/// ``NoisyUpdates`` at work.
struct UpdateNoise: Hook {
  let configuration: NoisyUpdates
  private(set) var site: HookSite?

  var name: String { NoisyUpdates.name }
  var changesParameters: Bool { configuration.place == .update }

  mutating func begin(_ site: HookSite) { self.site = site }

  mutating func afterGradients(_ moment: inout TrainingMoment) {
    guard configuration.place == .gradient, let site else { return }
    let generator = site.generator.split("update-\(moment.update)")
    moment.addToGradients(configuration.parameters) { _, index in
      site.parameters[index].normalNoise(generator) * configuration.scale
    }
  }

  mutating func afterUpdate(_ moment: inout TrainingMoment) {
    guard configuration.place == .update, let site else { return }
    let generator = site.generator.split("update-\(moment.update)")
    let size = moment.learningRate * configuration.scale
    moment.changeParameters(configuration.parameters) { weight, index in
      _ = weight.addInPlace(site.parameters[index].normalNoise(generator), scaledBy: .real(size))
    }
  }
}
