import Environments
import Networks
import Texts
import Testing

@testable import Experiments

@Suite("Settings under the names of the version before")
struct RenamedSettingTests {
  @Test("An old key sets what the new one sets, in --set, in an arm's name and in a stored text")
  func oldKeys() throws {
    let base = try AgentTrainingTests.tiny()
    let old = try ConfigurationOverride(parsing: "worlds.visits=3")
    #expect(old.key == "environments.visits")
    #expect(try [old].applied(to: base).environments.visits == 3)
    #expect(ConfigurationOverride(key: "worlds", value: "null").key == "environments")
    #expect(ConfigurationOverride(key: "worldsize", value: "1").key == "worldsize")
    let arm = try ArmName(parsing: "nap[worlds.visits=2]")
    #expect(arm.sets("environments.visits"))
    let text = try JSONText.encode(base)
    #expect(text.contains(#""environments":{"#) && !text.contains(#""worlds""#))
    let earlier = text.replacing(#""environments":{"#, with: #""worlds":{"#)
    #expect(try JSONText.decode(AgentRunConfiguration.self, from: earlier) == base)
    #expect(StoredConfiguration.isSame(Control.self, earlier, text))
  }

  @Test("The share of labels, once beside the stream, is the stream's, and other streams have none")
  func relabeledShare() throws {
    let base = Small.configuration()
    let old = try [ConfigurationOverride(parsing: "relabeledShare=0.25")].applied(to: base)
    #expect(
      old == (try [ConfigurationOverride(parsing: "stream.relabeledShare=0.25")].applied(to: base)))
    #expect(old.stream.change[TaskStreamConfiguration.Relabeling.self]?.relabeledShare == 0.25)
    let text = try JSONText.encode(old)
    let earlier = text.replacing(#""relabeledShare":0.25,"#, with: "").replacing(
      #"{"average""#, with: #"{"relabeledShare":0.25,"average""#)
    #expect(earlier != text)
    #expect(try JSONText.decode(ContinualConfiguration.self, from: earlier) == old)
    #expect(StoredConfiguration.isSame(RandomLabels.self, earlier, text))
    #expect {
      _ = try [
        ConfigurationOverride(parsing: "stream.kind=permutedPixels"),
        ConfigurationOverride(parsing: "stream.relabeledShare=0.25"),
      ].applied(to: base)
    } throws: {
      "\($0)".contains("relabeledShare") && "\($0)".contains("randomLabels")
    }
  }

  @Test("An unknown key's hint names today's keys alone")
  func hints() throws {
    #expect {
      _ = try [ConfigurationOverride(parsing: "worlds.visit=3")].applied(
        to: AgentTrainingTests.tiny())
    } throws: {
      "\($0)".contains("environments.visits") && !"\($0)".contains("'worlds")
    }
  }

  @Test("A command notes each old name once, and no other")
  func notes() {
    let notes = RenamedSettings.notes(in: [
      "sweep", "control", "--over", "worlds.visits=1,2", "--arms", "nap[worlds.visits=2]",
    ])
    #expect(notes.count == 1 && notes[0].contains("called environments now"))
    #expect(RenamedSettings.notes(in: ["train", "control", "--set", "agent.batchSize=8"]).isEmpty)
  }
}
