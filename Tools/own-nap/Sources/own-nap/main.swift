import Experiments
import NapCommand
import Networks
import Plasticity
import Torch

/// A sine whose frequency grows with every task.
enum RisingSine: TaskRecipe {
  static let name = "rising-sine"
  static let summary = "regression on a sine whose frequency grows with every task"
  static let loss = Loss.meanSquaredError
  static let presets = [
    Preset(
      "short", "6 tasks: a second a run",
      TaskConfiguration(
        network: .mlp([64, 64]), optimizer: .init(learningRate: 1e-2), tasks: 6, updatesPerTask: 100
      ),
      arms: ["norm", "nap"], seeds: 2)
  ]

  static func shape(_ settings: NoSettings) -> (inputs: [Int], outputs: Int) { ([1], 1) }

  static func batch(_ moment: TaskMoment, _ configuration: Configuration) -> TaskBatch {
    let x_B1 = Tensor.uniform([configuration.batchSize, 1], generator: moment.draws) * 2 - 1
    return TaskBatch(inputs: x_B1, targets: (x_B1 * Double(moment.task + 1)).sine())
  }
}

/// Takes from each gradient of a matrix its mean over the inputs of a unit (Yong et al. 2020, arXiv 2004.01461).
struct Centralization: Intervention, Hook {
  static let name = "centralize"
  static let summary = "takes from gradients of matrices their mean over the inputs"
  static let source = "Yong et al. 2020"
  static let place = RegistryPlace.before("clip-norm")

  func hook() -> any Hook { self }

  mutating func afterGradients(_ moment: inout TrainingMoment) {
    moment.gradients = withoutGradients {
      moment.gradients.map {
        $0.dimensionCount == 2 ? $0 - $0.mean(axes: [1], keepAxes: true) : $0
      }
    }
  }
}

NapCommand.main(
  recipes: [RisingSine.self], methods: [Centralization.self], diagnostics: [LargestWeight.self],
  environments: [.corridor])
