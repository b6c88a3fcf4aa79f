import Networks
import NormalizeAndProject

extension Module {
  /// An update's request for all trainable parameters, without gradients, that a projection has joined.
  func request(joinedBy projection: ProjectionState, update: Int) -> UpdateRequest {
    var request = UpdateRequest(
      parameters: trainableParameters.map(\.parameter), gradients: [], learningRate: 0)
    projection.join(&request, update: update)
    return request
  }
}
