import ArgumentParser
import Experiments
import Foundation
import PlanService
import RunStore

/// The secret that workers and server share.
enum TokenFile {
  /// The token of a file.
  ///
  /// - Throws: `UsageError` for a file that is not there, or holds something else.
  static func read(_ path: String) throws -> String {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw UsageError(
        "--token-file \(path): it cannot be read; nap plan serve makes it: copy it from there")
    }
    let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
    let isPlain = token.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    guard isPlain, (16...512).contains(token.utf8.count) else {
      throw UsageError(
        "--token-file \(path): expected 16 to 512 characters without spaces, found \(token.utf8.count)"
          + (isPlain ? "" : ", some of them others"))
    }
    return token
  }

  /// The token of a file, which is made, readable by its owner alone, where it is missing.
  static func readOrMake(_ path: String) throws -> String {
    if !FileManager.default.fileExists(atPath: path) {
      var generator = SystemRandomNumberGenerator()
      let token = (0..<4).map { _ in
        String(format: "%016lx", UInt(truncatingIfNeeded: generator.next() as UInt64))
      }.joined()
      let isMade = FileManager.default.createFile(
        atPath: path, contents: Data((token + "\n").utf8), attributes: [.posixPermissions: 0o600])
      guard isMade else { throw UsageError("--token-file \(path): it cannot be written") }
      Console.error("made \(path): copy it to the workers' machines, and let nobody else read it")
    }
    return try read(path)
  }
}

extension PlanCommand {
  struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Gives workers on other machines runs to train, over HTTP, and takes their results.",
      discussion: """
        nap plan serve --token-file plans.token --host 0.0.0.0
        nap plan run --server http://HOST:8090 --token-file plans.token     on each machine

        Workers need no common file system: a run comes back with its checkpoints. Results are shown here when the \
        last run of a plan is over. Plans are added and canceled here, also meanwhile. HTTP is not encrypted: serve \
        within a network that you trust, or through a tunnel of SSH. Ctrl-C stops; workers go on training and ask again.
        """)

    @Option(
      help: ArgumentHelp("The secret; the file is made where it is missing.", valueName: "file"))
    var tokenFile: String
    @Option(help: "The address to listen at; 0.0.0.0 for those of all networks.")
    var host = "127.0.0.1"
    @Option(help: "The port; 0 for any.") var port = 8090
    @OptionGroup var runs: RunsOption

    func validate() throws {
      guard (0...65_535).contains(port) else {
        throw ValidationError("--port \(port): expected 0 to 65535")
      }
    }

    func run() throws {
      Interruption.listen()
      let store = try runs.open()
      let queue = try PlanQueue.open(in: store.folder, busyTimeout: RunsOption.timeout())
      let server = try PlanServer(
        queue: queue, store: store, token: TokenFile.readOrMake(tokenFile), host: host, port: port)
      Console.line("listening at http://\(host):\(server.port ?? port)")
      while !Interruption.isRequested {
        Thread.sleep(forTimeInterval: 0.2)
        guard server.port != nil else {
          throw Failure.Impossible(description: "the server ended; start it again")
        }
        for plan in try queue.plans() where try queue.takesResults(of: plan.id) {
          do { try PlannedCommands.tell(plan, in: store) } catch {
            Console.error("plan \(plan.id): \(Failure.message(error))")
          }
        }
      }
      server.stop()
      throw Failure.Abandoned(what: "workers go on training, and ask again")
    }
  }
}
