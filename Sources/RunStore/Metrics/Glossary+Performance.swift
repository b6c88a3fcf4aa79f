extension Metric {
  static let performance: [Entry] = [
    Entry(
      .taskEndLoss, "Loss at task end", unit: "nats", better: .lower, spansDecades: true,
      "mean cross-entropy over the task's training examples after its last update",
      over: "all training examples of the task", when: Moments.taskEnd),
    Entry(
      .taskEndAccuracy, "Accuracy at task end", unit: "share", better: .higher,
      "share of the task's training examples that are classified right after its last update",
      over: "all training examples of the task", when: Moments.taskEnd),
    Entry(
      .onlineAccuracy, "Online accuracy", unit: "share", better: .higher,
      "accuracy of each batch before the update that uses it; it rewards fast learning",
      over: "every batch of the task, each example weighing alike", when: Moments.taskEnd,
      source: "METHOD section 4"),
    Entry(
      .onlineLoss, "Online loss", unit: "nats", better: .lower, spansDecades: true,
      "cross-entropy of each batch before the update that uses it",
      over: "the mean over the batches of the task", when: Moments.taskEnd),
    Entry(
      .testAccuracy, "Test accuracy", unit: "share", better: .higher,
      "share of the task's test examples that are classified right",
      over: "all test examples of the task, where the recipe has a test set with true labels",
      when: Moments.evaluated),
    Entry(
      .topFiveAccuracy, "Top-5 accuracy", unit: "share", better: .higher,
      "share of the test examples whose class is among the five likeliest",
      over: "all test examples, of recipes of images with more than five classes",
      when: Moments.evaluated),
    Entry(
      .testLoss, "Test loss", unit: "nats", better: .lower, spansDecades: true,
      "mean cross-entropy over the task's test examples", over: "all test examples of the task",
      when: Moments.evaluated),
    Entry(
      .perplexity, "Perplexity", unit: "", better: .lower, spansDecades: true,
      "e to the power of the test loss: among how many equally likely tokens the model chooses",
      over: "the validation part of the text, of language models alone", when: Moments.evaluated),
    Entry(
      .trainingLoss, "Training loss", unit: "nats", better: .lower, spansDecades: true,
      "loss of one batch before the update that uses it, under the count that this update completes",
      over: "the batch of the update",
      when: "every `recording.everyUpdates` updates, where that is set"),
    Entry(
      .skippedImages, "Images left out", unit: "images", better: .lower,
      "training images that could not be decoded and were left out of their batches, since the run began",
      over: "the batches so far, with `data.corrupt=skip`, where there are any",
      when: "every `recording.everyUpdates` updates, where that is set"),
    Entry(
      .trainingAccuracy, "Training accuracy", unit: "share", better: .higher,
      "share of the task's training examples that are classified right within the task",
      over: "all training examples of the task", when: Moments.evaluated),
  ]
}
