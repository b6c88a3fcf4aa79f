import ArgumentParser
import Experiments
import Foundation

/// `nap act`: what `nap train` with `actors.count` starts.
struct ActCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: ActorProgram.verb, abstract: "Plays for a run that learns; started by nap train.",
    shouldDisplay: false)

  func run() throws {
    // Ctrl-C reaches a whole terminal: the learner saves what its actors are at, and then ends them.
    for number in Interruption.signals { signal(number, SIG_IGN) }
    try ActorProgram.run()
  }
}
