import Environments
import Foundation
import Networks
import Reinforcement
import RunStore
import Testing
import Texts
import Torch
import Training

@testable import Experiments

@Suite struct RunForecastTests {
  @Test func `small updates and short runs get one thread, large ones are tried`() {
    #expect(RunForecast.reasonForOne(1e-4, whole: 1e4, usable: 8)?.contains("0.10 ms") == true)
    #expect(RunForecast.reasonForOne(0.5, whole: 10, usable: 8)?.contains("10 s") == true)
    #expect(RunForecast.reasonForOne(0.5, whole: 1e4, usable: 1)?.contains("one processor") == true)
    #expect(RunForecast.reasonForOne(0.5, whole: 1e4, usable: 8) == nil)
    #expect(RunForecast.counts(below: 12) == [12, 6, 3])
    #expect(RunForecast.counts(below: 1) == [])
  }

  @Test func `the fewest threads that come near the quickest are chosen, and only for a gain`() {
    #expect(RunForecast.choice([1: 10, 2: 5.1, 4: 5]).threads == 2)
    #expect(RunForecast.choice([1: 10, 2: 6, 4: 3]).threads == 4)
    // A busy machine: more threads are slower, or hardly quicker.
    #expect(RunForecast.choice([1: 10, 2: 9, 4: 200]).threads == 1)
    #expect(RunForecast.choice([1: 0.010, 2: 0.2]).reason.contains("10.00 ms on 1, 200 ms on 2"))
  }

  @Test func `a large update is tried on more threads, which then wait passively`() throws {
    let before = Machine.threadCount
    defer { Machine.threadCount = before }
    let configuration = ContinualConfiguration(
      data: TaskDataConfiguration(source: .procedural, imageCount: 256, size: 16),
      network: .mlp([512, 512]), optimizer: OptimizerConfiguration(learningRate: 1e-3),
      tasks: 1_000, updatesPerTask: 1_000, batchSize: 128)
    var sharings = 0
    func forecast(usable: Int, asked: (threads: Int, reason: String)? = nil) throws -> RunForecast {
      try RunForecast.make(
        RandomLabels.self, arm: "plain", configuration: configuration, device: .cpu, asked: asked,
        usable: usable, seconds: 0.05, beforeSharing: { sharings += 1 })
    }
    let found = try forecast(usable: 2)
    #expect(found.reason.contains(" on 1, ") && found.reason.contains(" on 2"), "\(found.reason)")
    #expect(sharings == 1 && [1, 2].contains(found.threads))
    #expect(try forecast(usable: 1).threads == 1 && sharings == 1)
    let asked = try forecast(usable: 2, asked: (2, "--threads"))
    #expect(asked.threads == 2 && asked.reason == "--threads")
  }

  @Test func `an agent's hours are filling its replay, learning, and evaluations together`() throws
  {
    let measurement = PresetMeasurement(
      arm: "nap", timedUpdates: 10, startSeconds: 0, updateSeconds: 0.01, taskSeconds: nil,
      updates: 1_000, tasks: nil, peakMemoryBytes: 100, coreShare: 1,
      waiting: .init(updates: 400, additionalUpdates: 200, seconds: 0.001), memoryToComeBytes: 50)
    #expect(abs(measurement.hours * 3_600 - (600 * 0.001 + 600 * 0.01)) < 1e-9)
    #expect(measurement.memoryBytes == 150)
    // Of an earlier build, and of a run that learns from the first.
    let earlier = try JSONText.decode(
      PresetMeasurement.self,
      from: """
        {"arm":"nap","timedUpdates":10,"startSeconds":0,"updateSeconds":0.01,"updates":1000,
        "peakMemoryBytes":100,"coreShare":1}
        """)
    #expect(abs(earlier.hours * 3_600 - 10) < 1e-9 && earlier.memoryBytes == 100)
  }

  @Test func `an agent's rehearsal learns at once and tells how long the replay fills`() throws {
    let hundred = try Atari.preset("hundred-k").configuration
    let rehearsal = Atari.rehearsal(hundred)
    let waiting = try #require(rehearsal.waiting)
    // A round is one step, of which 1,600 fill the replay; ten evaluations of ten games are as many rounds.
    #expect(waiting.updates == 1_600)
    #expect(waiting.additionalUpdates == 10 * 10 * 2_000)
    #expect(rehearsal.configuration.agent.learningStarts.count <= 64)
    #expect(rehearsal.skippedUpdates > rehearsal.configuration.agent.learningStarts.count)
    #expect(rehearsal.configuration.recording.evaluateEveryRounds == 0)
    var fresh = try Control.preset("gridworld").configuration
    #expect(Control.rehearsal(fresh).waiting?.updates == 250)
    fresh.boundary.isFresh = true
    #expect(Control.rehearsal(fresh).waiting?.updates == 250 * 16)
  }

  @Test
  func `an agent that is rehearsed learns after the updates that are skipped, and waits before`()
    throws
  {
    var configuration = try Control.preset("gridworld").configuration
    configuration.environments.framesPerVisit = 600
    configuration.agent.learningStarts = 300
    let rehearsal = Control.rehearsal(configuration)
    func updates(_ configuration: AgentRunConfiguration, after rounds: Int) throws -> Int {
      var run = try Control.start(configuration, seed: 0, device: .cpu)
      for _ in 0..<rounds { _ = try run.next() }
      return run.agent.position.update
    }
    let skipped = rehearsal.skippedUpdates
    #expect(try updates(rehearsal.configuration, after: skipped) >= 1)
    #expect(try updates(#require(rehearsal.waiting).configuration, after: 250) == 0)
    let measurement = try PresetMeasurement.make(
      Control.self, arm: "plain", configuration: configuration, seconds: 0.05)
    #expect(measurement.waiting?.updates == 150 && measurement.updates == 300 * 16)
    #expect(measurement.memoryToComeBytes ?? 0 > 0)
  }
}
