import ArgumentParser
import Experiments
import Foundation
import NormalizeAndProject

/// `nap audit`.
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Which parameters are scale-invariant, why the others are not, and what to do.",
    discussion: """
      nap audit random-labels --arm nap
      nap audit runs/RUN/checkpoint.safetensors

      Every scale group is scaled by 2 and by 1/2 in float64 with epsilon 0, near the given \
      parameters; the effect of the real epsilon is told apart. Exits 4 when the network is not \
      Normalize-and-Project: a norm is missing, or an output layer is projected.
      """)

  @Argument(help: "A recipe, or the path of a checkpoint.")
  var subject: String

  @OptionGroup var configurationOptions: ConfigurationOptions

  @Option(help: "The arm, for a recipe.")
  var arm = "nap"

  @Option(
    help: ArgumentHelp(
      "Baseline methods beside the arm, separated by commas.", valueName: "methods"))
  var method: String?

  @Option(help: "Decides the initial weights, for a recipe.")
  var seed = 0

  func run() throws {
    let report: AuditReport
    if subject.hasSuffix(".safetensors") || FileManager.default.fileExists(atPath: subject) {
      report = try Auditing.report(checkpoint: URL(fileURLWithPath: subject))
    } else {
      report = try audit(Recipes.named(subject))
    }
    Console.line("\(report)")
    if !report.isNormalizeAndProject {
      throw Failure.Outcome(description: "this network is not Normalize-and-Project")
    }
  }

  private func audit<R: Recipe>(_ recipe: R.Type) throws -> AuditReport {
    let preset = try R.preset(configurationOptions.preset)
    let arm = try R.name(
      ofArm: arm, methods: method.map { try MethodNames.parse($0, separator: ",") } ?? [])
    let configuration = try configurationOptions.parsed(for: R.self)
      .configuration(of: R.self, from: preset.configuration, arm: arm)
    // Of methods that exclude one another nothing could be told.
    _ = try R.idleMethods(configuration)
    return try Auditing.report(R.self, configuration, seed: seed)
  }
}
