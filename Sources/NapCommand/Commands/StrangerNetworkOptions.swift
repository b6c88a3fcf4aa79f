import ArgumentParser
import Experiments
import Networks

/// The network of files that nap did not write, as options tell it.
struct StrangerNetworkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The network of files that nap did not write: mlp:…, cnn:…, resnet, vit, gpt2 or llama.",
      valueName: "mlp:8,64,64,4"))
  var network: String?

  @Option(
    help: ArgumentHelp(
      "Its inputs, (N, …), and labels if there are some: a file of tensors.", valueName: "file"))
  var inputs: String?

  @Option(
    help: "Its nonlinearity: \(ActivationKind.allCases.map(\.rawValue).joined(separator: ", ")).",
    transform: ActivationKind.init(word:))
  var activation = ActivationKind.relu

  @Option(help: "What stands before each nonlinearity: none, layer or rms.")
  var normalization = NetworkDescription.NormalizationWord.none

  @Option(help: ArgumentHelp("Only tensors whose names begin with this.", valueName: "prefix"))
  var only: String?

  /// The network; `nil` where none is told.
  func description() throws -> NetworkDescription? {
    try network.map {
      try NetworkDescription(parsing: $0, activation: activation, normalization: normalization)
    }
  }
}
