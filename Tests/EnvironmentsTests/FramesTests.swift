import Foundation
import Environments
import Testing

@Suite("Frames and agent steps are different units")
struct FramesTests {
  @Test("Four frames are a step of the Arcade Learning Environment; what is left over is dropped")
  func conversion() {
    #expect(Frames(80_003).agentSteps(actionRepeat: 4) == 20_000)
    #expect(AgentSteps(20_000).frames(actionRepeat: 4) == 80_000)
  }

  @Test("They are written as plain numbers")
  func coding() throws {
    let text = String(decoding: try JSONEncoder().encode([Frames(16)]), as: UTF8.self)
    #expect(text == "[16]")
    #expect(try JSONDecoder().decode([AgentSteps].self, from: Data("[3]".utf8)) == [3])
  }
}
