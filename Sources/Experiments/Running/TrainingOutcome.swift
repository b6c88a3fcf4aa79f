import Networks
import NormalizeAndProject
import Reinforcement
import RunStore
import Training

/// What an error, or a state, says of how training went: the one place where every loop asks.
///
/// An outcome is stored with the run and ends it with exit code 4. What is none is the world's fault, such as an environment that
/// breaks, or a mistake, and is thrown on.
enum TrainingOutcome {
  /// How a run ends that threw an error; `nil` for an error that says nothing of training.
  ///
  /// - Parameter names: the parameters' names in the optimizer's order.
  static func status(of error: any Error, names: [String]) -> RunStatus? {
    switch error {
    case let error as TrainingDivergence:
      .notFinite(reason: "\(error)")
    case OptimizerError.notFiniteNorm(let index):
      .notFinite(reason: OptimizerError.notFiniteNorm(index: index).description(names: names))
    case OptimizerError.zeroNorm(let index):
      .diverged(reason: OptimizerError.zeroNorm(index: index).description(names: names))
    case ProjectionError.unusableNorm(let parameter, let norm, .afterUpdate):
      status(of: .unusableNorm(parameter: parameter, norm: norm, moment: .afterUpdate), norm: norm)
    default: nil
    }
  }

  private static func status(of error: ProjectionError, norm: Double) -> RunStatus {
    norm.isFinite ? .diverged(reason: "\(error)") : .notFinite(reason: "\(error)")
  }

  /// How a run ends whose state is no longer one to go on from; `nil` for one that is.
  ///
  /// Cost: one pass over the tensors that must be finite.
  static func status(of snapshot: Snapshot, updates: Int) -> RunStatus? {
    snapshot.firstNotFinite.map {
      .notFinite(reason: "\($0) holds NaN or an infinity after update \(updates)")
    }
  }
}
