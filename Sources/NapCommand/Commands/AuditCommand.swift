import ArgumentParser
import Experiments
import Foundation
import NormalizeAndProject

/// `nap audit`.
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Shows which parameters are scale-invariant, why the others are not, and what to do.",
    discussion: """
      nap audit random-labels --arm nap
      nap audit runs/RUN/checkpoint.safetensors

      The audit scales every scale group by 2 and by 1/2 in float64 with epsilon 0, near the given \
      parameters. It shows the effect of the real epsilon separately. Exits 4 if the network is not \
      Normalize-and-Project: a normalization is missing, or an output layer is projected.
      """)

  @Argument(help: "A recipe, or the path of a checkpoint.")
  var subject: String

  @OptionGroup var configurationOptions: ConfigurationOptions

  @Option(help: "The arm of a recipe.")
  var arm = "nap"

  @Option(
    help: ArgumentHelp(
      "Baseline methods to add to the arm, separated by commas.", valueName: "methods"))
  var method: String?

  @Option(help: "Seed of the initial weights of a recipe.")
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
    // Methods that exclude one another cannot be audited.
    _ = try R.idleMethods(configuration)
    return try Auditing.report(R.self, configuration, seed: seed)
  }
}
