import Datasets
import Networks
import Plasticity
import Torch
import Training

extension ContinualConfiguration {
  /// What is trained, for examples of `vocabulary` different tokens, or for images where that is `nil`.
  ///
  /// - Throws: ``UsageError`` for a network that reads the other kind of example.
  func design(vocabulary: Int?) throws(UsageError) -> Learner.Design {
    Learner.Design(
      network: try builtNetwork(vocabulary: vocabulary), nap: nap, methods: methods,
      optimizer: optimizer, schedule: schedule)
  }

  /// The methods that would find nothing to act on in a run of this, found by building the network, without any data.
  ///
  /// - Throws: ``UsageError`` for methods that exclude one another, and what building the network throws.
  func idleMethods() throws -> [IdleMethod] {
    guard !methods.isEmpty else { return [] }
    try methods.requireCompatibleUse()
    let vocabulary = try data.vocabulary()
    let (shape, classes) = try data.exampleForm()
    let network = try builtNetwork(vocabulary: vocabulary)
    let count = network.leastWeightCount(inputShape: shape, classes: classes)
    try ResourceError.refuse([
      ResourceError.weights(
        count * Double(network.dtype.byteCount) * 4, setting: "network.hidden")
    ])
    return try Learner.idleMethods(
      design(vocabulary: vocabulary), inputShape: shape, outputs: classes, taskCount: tasks,
      updateCount: updateCount)
  }

  /// The updates of a run; `nil` where they depend on how many examples there are.
  private var updateCount: Int? {
    let images = data.images?.imageCount ?? 0
    guard stream.epochsPerTask == 0 || images > 0 else { return nil }
    let count = tasks.multipliedReportingOverflow(by: updates(forExamples: max(1, images)))
    return count.overflow ? .max : count.partialValue
  }
}

extension TaskDataConfiguration {
  /// The shape of one example, and the number of classes, known without the data.
  func exampleForm() throws(DatasetError) -> (shape: [Int], classes: Int) {
    func form(_ images: TaskDataConfiguration.Images, _ channels: Int, _ side: Int) -> [Int] {
      let side = images.size > 0 ? images.size : side
      return [channels, side, side]
    }
    switch examples {
    case .cifar10(let images), .procedural(let images): return (form(images, 3, 32), 10)
    case .cifar100(let images): return (form(images, 3, 32), 100)
    case .mnist(let images): return (form(images, 1, 28), 10)
    case .modularAddition(let sums):
      let sums = try sums.addition.sums()
      return ([sums.length], sums.modulus)
    }
  }
}
