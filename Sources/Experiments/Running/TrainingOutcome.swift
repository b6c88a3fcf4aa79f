import Networks
import NormalizeAndProject
import Reinforcement
import Torch
import RunStore

/// Decides for every loop whether an error or a state is an outcome of training.
///
/// An outcome is stored with the run and ends it with exit code 4. Other errors, such as an environment that fails or a
/// wrong setting, are thrown on.
enum TrainingOutcome {
  /// The outcome of a run that threw an error; `nil` for an error that is no outcome of training.
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

  /// The outcome of a state from which a run cannot continue; `nil` for a good state.
  ///
  /// Cost: one pass over the tensors that must be finite.
  static func status(of state: State, updates: Int) -> RunStatus? {
    state.firstNotFinite.map {
      .notFinite(reason: "\($0) holds NaN or an infinity after update \(updates)")
    }
  }
}
