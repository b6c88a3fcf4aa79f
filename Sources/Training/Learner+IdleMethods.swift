import Networks
import NormalizeAndProject
package import Plasticity
import Torch

extension Learner {
  /// The methods of a design that would find nothing to act on, or cannot act on this network or with this optimizer,
  /// each with its reason.
  ///
  /// Builds the network and begins the methods, on the CPU; without methods it does nothing.
  ///
  /// - Parameters:
  ///   - taskCount: tasks of the run.
  ///   - updateCount: updates of the run; `nil` where they are not known.
  /// - Throws: `ConfigurationError` for methods that exclude one another, and what building the network throws.
  package static func idleMethods(
    _ design: Design, inputShape: [Int], outputs: Int, taskCount: Int, updateCount: Int?
  ) throws -> [IdleMethod] {
    guard !design.methods.isEmpty else { return [] }
    try design.methods.requireCompatible()
    let refusing = design.methods.methods(refusing: design.optimizer)
    guard refusing.isEmpty else { return refusing }
    let draws = Generator(seed: 0)
    var hooks = design.methods.hookChain()
    do {
      let build = { [hooks] (generator: Generator) throws -> Sequential in
        try Self.network(
          design, hooks, inputShape: inputShape, outputs: outputs, generator: generator,
          device: .cpu)
      }
      let built = try build(draws.split("weights"))
      try hooks.begin(
        HookSite(
          network: built, parameters: built.trainableParameters,
          generator: draws.split("methods"),
          updatesPerTask: updateCount.map { $0 / max(1, taskCount) },
          redrawn: { try build($0) }))
      return design.methods.idleMethods(
        on: InterventionSubject(
          network: built, taskCount: taskCount, updateCount: updateCount))
    } catch let error as InterventionError {
      return [IdleMethod(error, among: design.methods.names)]
    }
  }
}

extension IdleMethod {
  /// A method that cannot act on a network; its error begins with its name.
  init(_ error: InterventionError, among names: [String]) {
    let text = error.description
    let name = names.first { text.hasPrefix("\($0) ") } ?? names.joined(separator: "+")
    self.init(
      method: name, reason: text.hasPrefix("\(name) ") ? "it" + text.dropFirst(name.count) : text)
  }
}
