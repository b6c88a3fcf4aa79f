import Foundation
import TestSupport
import Testing

@testable import Experiments
@testable import RunStore

@Suite struct PresetSurveyTests {
  private func facts(cores: Int = 4, memory: Int = 1_000) -> MachineFacts {
    MachineFacts(
      host: .init(
        name: "host", operatingSystem: "system", processor: "processor", coreCount: cores,
        memoryBytes: memory), availableMemoryBytes: memory, runsFolder: "runs",
      freeDiskBytes: nil, canWriteRuns: true, devices: ["cpu"])
  }

  private func needs(
    _ preset: String, runs: Int = 8, hours: Double, memory: Int, facts: MachineFacts
  ) -> PresetNeeds {
    PresetNeeds(
      recipe: "recipe", preset: preset, runs: runs, facts: facts,
      outcome: .success(
        PresetMeasurement(
          arm: "nap", timedUpdates: 10, startSeconds: 0, updateSeconds: hours * 36,
          taskSeconds: nil, updates: 100, tasks: nil, peakMemoryBytes: memory, coreShare: 1)))
  }

  @Test func `hours are start, updates and task ends together`() {
    let measurement = PresetMeasurement(
      arm: "nap", timedUpdates: 10, startSeconds: 400, updateSeconds: 0.01, taskSeconds: 2,
      updates: 100_000, tasks: 1_100, peakMemoryBytes: 1, coreShare: 1)
    #expect(abs(measurement.hours - (400 + 1_000 + 2_200) / 3_600) < 1e-12)
  }

  @Test func `runs at once are limited by cores, memory and the number of runs`() {
    #expect(needs("a", hours: 1, memory: 100, facts: facts()).jobs == 4)
    #expect(needs("a", hours: 1, memory: 400, facts: facts()).jobs == 2)
    #expect(needs("a", runs: 1, hours: 1, memory: 100, facts: facts()).jobs == 1)
    let tooLarge = needs("a", hours: 1, memory: 1_001, facts: facts())
    #expect(tooLarge.jobs == 0 && tooLarge.hoursOfAllRuns == nil)
    #expect(tooLarge.problem?.contains("memory") == true)
  }

  @Test func `the largest preset is the longest that fits into hours and memory`() {
    let facts = facts()
    let all = [
      needs("short", hours: 1, memory: 100, facts: facts),
      needs("long", hours: 5, memory: 100, facts: facts),
      needs("days", hours: 50, memory: 100, facts: facts),
      needs("wide", hours: 5.5, memory: 2_000, facts: facts),
    ]
    // Eight runs, four at once: twice the hours of one.
    #expect(all.largest(within: 12)?.preset == "long")
    #expect(all.largest(within: 9)?.preset == "short")
    #expect(all.largest(within: 1) == nil)
    #expect(all.largestRun(within: 5)?.preset == "long")
    #expect(all.largestRun(within: 60)?.preset == "days")
  }

  @Test func `task ends are told apart from updates`() throws {
    var stopwatch = PresetMeasurement.Stopwatch()
    stopwatch.skip(TrainingEvent(updates: 1, task: 0, endsTask: true))
    // A task of four updates: begin, two within, end.
    for (endsTask, seconds) in [(false, 3.0), (false, 1), (false, 1), (true, 5), (false, 3)] {
      stopwatch.count(TrainingEvent(updates: 2, task: 1, endsTask: endsTask), seconds)
    }
    #expect(stopwatch.updateSeconds == 1)
    // Three updates at boundaries took 11 s instead of 3; one task ended.
    #expect(stopwatch.taskSeconds == 8)
    #expect(PresetMeasurement.Stopwatch().taskSeconds == nil)
  }

  @Test func `a rehearsal's tasks end soon, and their number is the real run's`() throws {
    let presets =
      RandomLabels.presets + Rescaling.presets + ClassIncremental.presets + WarmStart.presets
    for preset in presets {
      let rehearsal = RandomLabels.rehearsal(preset.configuration)
      let real = preset.configuration
      #expect(rehearsal.tasks == real.tasks)
      #expect(rehearsal.configuration.updatesPerTask <= max(10, 500 / real.tasks))
      #expect(rehearsal.configuration.stream.epochsPerTask == 0)
      #expect(rehearsal.configuration.network == real.network)
    }
  }

  @Test(arguments: [
    ("exit 3", "ended with 3"), ("echo 'nap: no such data' >&2; exit 3", "no such data"),
    ("kill -9 $$", "memory ran out"), ("echo nonsense", "ended with 0"),
  ])
  func `a preset that cannot be measured says why, and the next one is measured`(
    script: String, words: String
  ) throws {
    try withTemporaryFolder { folder in
      let program = folder.appending(path: "nap")
      try Data("#!/bin/sh\n\(script)\n".utf8).write(to: program)
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: program.path)
      let subjects = Array(PresetSurvey.allSubjects.prefix(2))
      let found = Array(
        PresetSurvey(subjects, program: program, seconds: 0.1, facts: facts()))
      #expect(found.map(\.preset) == subjects.map(\.preset))
      for needs in found {
        #expect(needs.measurement == nil && needs.jobs == 0)
        #expect(needs.problem?.contains(words) == true, "\(needs.problem ?? "")")
      }
    }
  }

  @Test func `the demonstration is what make demo runs`() throws {
    func text(_ path: String) throws -> String {
      try String(contentsOf: packageRoot.appending(path: path), encoding: .utf8)
    }
    #expect(try text("Makefile").contains("\ndemo: build\n\t@Tools/demo\n"))
    let subject = try #require(PresetSurvey.demonstration)
    #expect(
      try text("Tools/demo").contains(" compare \(subject.recipe) --preset \(subject.preset) "))
  }
}
