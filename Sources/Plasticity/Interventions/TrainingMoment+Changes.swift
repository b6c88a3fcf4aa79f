import Networks
import Torch

extension TrainingMoment {
  /// Adds a term to the gradient of every chosen trainable parameter.
  ///
  /// - Parameter term: from the parameter's value and its place; of its shape.
  mutating func addToGradients(
    _ selection: ParameterSelection, _ term: (Tensor, Int) -> Tensor
  ) {
    addToGradients(where: selection.includes, term)
  }

  /// Adds a term to the gradient of every trainable parameter that `isChosen`.
  mutating func addToGradients(
    where isChosen: (Parameter) -> Bool, _ term: (Tensor, Int) -> Tensor
  ) {
    withoutGradients {
      for index in parameters.indices {
        let parameter = parameters[index].parameter
        guard parameter.isTrainable, isChosen(parameter) else { continue }
        gradients[index] = gradients[index] + term(parameter.value.detached(), index)
      }
    }
  }

  /// Calls `change` for the value of every chosen trainable parameter, which it may write into.
  func changeParameters(_ selection: ParameterSelection, _ change: (Tensor, Int) -> Void) {
    withoutGradients {
      for index in parameters.indices where selection.includes(parameters[index].parameter) {
        change(parameters[index].parameter.value.detached(), index)
      }
    }
  }
}
