import Environments
import Foundation
import TestSupport
import Testing

@Suite("No Python process outlives what it serves", .enabled(if: Gymnasium.isInstalled))
struct GymnasiumOrphanTests {
  @Test("It goes with the value")
  func value() throws {
    var process: Int32 = 0
    do {
      var world = try Gymnasium.world(GymnasiumConfiguration(id: "CartPole-v1"))
      _ = try world.reset()
      process = world.processIdentifier
      #expect(Gymnasium.isAlive(process))
    }
    #expect(Gymnasium.goes(process))
  }

  @Test("Ctrl-C and SIGTERM, which reach the whole group, leave it to us")
  func signals() throws {
    var world = try Gymnasium.world(GymnasiumConfiguration(id: "CartPole-v1"))
    _ = try world.reset()
    for signal in [SIGINT, SIGTERM, SIGHUP] { kill(world.processIdentifier, signal) }
    usleep(50_000)
    _ = try world.step(0)
    _ = try world.savedState()
  }

  @Test(
    "It ends with us when we are killed, even while C code holds its interpreter",
    arguments: [false, true])
  func killedParent(isStuck: Bool) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "nap-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let configuration = try Gymnasium.custom(
      isStuck ? "def step(self, action):\n    sum(range(10 ** 14))" : "", in: folder)
    let note = folder.appending(path: "process")
    let coded = try JSONEncoder().encode(configuration)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [folder = folder as URL, note = note as URL, coded = coded as Data, isStuck = isStuck as Bool]
      in
      let configuration = try JSONDecoder().decode(GymnasiumConfiguration.self, from: coded)
      var world = try Gymnasium.world(custom: configuration, in: folder)
      _ = try world.reset()
      try Data("\(world.processIdentifier)".utf8).write(to: note)
      if isStuck {
        Thread.detachNewThread {
          usleep(500_000)
          kill(getpid(), SIGKILL)
        }
        _ = try world.step(0)
      }
      kill(getpid(), SIGKILL)
    }
    let process = try #require(Int32(String(contentsOf: note, encoding: .utf8)))
    #expect(Gymnasium.goes(process))
  }
}
