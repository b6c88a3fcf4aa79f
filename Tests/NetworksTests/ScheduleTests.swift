import Foundation
import Networks
import TensorTestSupport
import Testing

private func rate(_ schedule: Schedule, _ update: Int, task: Int? = nil, base: Double = 1) -> Double
{
  schedule.rate(update: update, updateInTask: task ?? update, base: base)
}

@Suite("Schedules take their closed forms")
struct ScheduleTests {
  @Test("A constant schedule is the base rate")
  func constant() {
    for update in [0, 1, 1_000_000] { #expect(rate(.constant, update, base: 0.3) == 0.3) }
  }

  @Test("Linear: base at the start, the mean halfway, final from the end on")
  func linear() {
    let schedule = Schedule(kind: .linear, decayUpdates: 100, finalRate: 0.2)
    expectClose(rate(schedule, 0), 1, absolute: 1e-15)
    expectClose(rate(schedule, 50), 0.6, absolute: 1e-15)
    expectClose(rate(schedule, 25), 0.8, absolute: 1e-15)
    for update in [100, 101, 10_000] { #expect(rate(schedule, update) == 0.2) }
  }

  @Test("Cosine with warm-up: both ends, the peak and the points between")
  func cosine() {
    let schedule = Schedule(
      kind: .cosine, warmUpUpdates: 10, warmUpRate: 0.1, decayUpdates: 110, finalRate: 0.2)
    expectClose(rate(schedule, 0), 0.1, absolute: 1e-15)
    expectClose(rate(schedule, 5), 0.55, absolute: 1e-15)
    expectClose(rate(schedule, 10), 1, absolute: 1e-15)
    expectClose(rate(schedule, 60), 0.6, absolute: 1e-15)
    expectClose(rate(schedule, 35), 0.2 + 0.4 * (1 + 0.5.squareRoot()), absolute: 1e-15)
    for update in [110, 111, 500] { expectClose(rate(schedule, update), 0.2, absolute: 1e-15) }
  }

  @Test("Steps fall after whole periods, counted from the warm-up's end")
  func step() {
    let schedule = Schedule(
      kind: .step, warmUpUpdates: 4, stepUpdates: 10, stepFactor: 0.5)
    #expect(rate(schedule, 2) == 0.5)
    #expect([4, 13, 14, 23, 24].map { rate(schedule, $0) } == [1, 1, 0.5, 0.5, 0.25])
  }

  @Test("Cyclic: one period is the cosine, and it begins anew whatever the task")
  func cyclic() {
    let cosine = Schedule(
      kind: .cosine, warmUpUpdates: 3, warmUpRate: 0.1, decayUpdates: 20, finalRate: 0.2)
    var cyclic = cosine
    cyclic.kind = .cyclic
    for update in 0..<60 {
      #expect(rate(cyclic, update, task: 7) == rate(cosine, update % 20))
    }
  }

  @Test("Trapezoid: the base rate after the warm-up, then a line over the last fraction")
  func trapezoid() {
    var schedule = Schedule(
      kind: .trapezoid, warmUpUpdates: 4, decayUpdates: 20, finalRate: 0.2)
    schedule.fallFraction = 0.5
    #expect(rate(schedule, 2) == 0.5)
    #expect([4, 9, 10].allSatisfy { rate(schedule, $0) == 1 })
    expectClose(rate(schedule, 15), 0.6, absolute: 1e-12)
    #expect([20, 21, 1_000].allSatisfy { rate(schedule, $0) == 0.2 })
    // A descent that would begin within the warm-up begins after it.
    schedule.fallFraction = 1
    expectClose(rate(schedule, 12), 0.6, absolute: 1e-12)
  }

  @Test("Points: the given rates, the lines between them, and the first and last outside")
  func points() {
    let schedule = Schedule(
      .points(.init { ($0.atUpdates, $0.rates) = ([10, 20, 60], [0.4, 0.8, 0]) }))
    #expect([0, 9, 10].map { rate(schedule, $0) } == [0.4, 0.4, 0.4])
    expectClose(rate(schedule, 15), 0.6, absolute: 1e-15)
    #expect(rate(schedule, 20) == 0.8)
    expectClose(rate(schedule, 50), 0.2, absolute: 1e-15)
    #expect([60, 61, 1_000].map { rate(schedule, $0) } == [0, 0, 0])
    #expect(rate(schedule, 20, base: 7) == 0.8)
    let single = Schedule(.points(.init { ($0.atUpdates, $0.rates) = ([5], [0.3]) }))
    #expect([0, 5, 6].map { rate(single, $0) } == [0.3, 0.3, 0.3])
  }

  @Test("Points that cannot be used name their field")
  func wrongPoints() throws {
    let unusable: [([Int], [Double], String)] = [
      ([], [], "schedule.atUpdates"), ([3, 3], [1, 2], "schedule.atUpdates"),
      ([3, 2], [1, 2], "schedule.atUpdates"), ([-1], [1], "schedule.atUpdates"),
      ([0, 2], [1], "schedule.rates"), ([0], [.nan], "schedule.rates"),
      ([0], [-1], "schedule.rates"),
    ]
    for (updates, rates, option) in unusable {
      let schedule = Schedule(.points(.init { ($0.atUpdates, $0.rates) = (updates, rates) }))
      let error = #expect(throws: ConfigurationError.self) { try schedule.validate() }
      #expect(error?.option == option)
    }
    let usable = Schedule(.points(.init { ($0.atUpdates, $0.rates) = ([0, 7], [0, 1]) }))
    try usable.validate()
    let text = try JSONEncoder().encode(usable)
    #expect(try JSONDecoder().decode(Schedule.self, from: text) == usable)
  }

  @Test("Restarting counts from the task's start, in every kind", arguments: Schedule.Kind.allCases)
  func restarts(kind: Schedule.Kind) {
    var schedule = Schedule(kind: kind, warmUpUpdates: 2, warmUpRate: 0.1)
    if [.linear, .cosine, .cyclic, .trapezoid].contains(kind) {
      (schedule.decayUpdates, schedule.finalRate) = (20, 0.2)
    }
    if kind == .step { (schedule.stepUpdates, schedule.stepFactor) = (5, 0.5) }
    if kind == .points {
      schedule.curve = .points(.init { ($0.atUpdates, $0.rates) = ([3, 9], [0.5, 0.1]) })
    }
    let blind = (0..<20).map { rate(schedule, $0, task: 0) }
    schedule.restartsAtTask = true
    #expect((0..<20).map { rate(schedule, 1_000 + $0, task: $0) } == blind)
  }

  @Test("The paper's schedules begin and end where they are said to")
  func presets() {
    let linear = Schedule.rainbowLinear(updates: 1_000)
    expectClose(rate(linear, 0, base: 6.25e-5), 6.25e-5, absolute: 1e-18)
    expectClose(rate(linear, 1_000, base: 6.25e-5), 1e-6, absolute: 1e-18)
    let sequential = Schedule.sequentialArcade(updatesPerTask: 1_250_000)
    let points = [(0, 1e-8), (500, (1e-8 + 6.25e-4) / 2), (1_000, 6.25e-4), (1_250_000, 1e-6)]
    for (update, expected) in points {
      let found = rate(sequential, 3_000_000, task: update, base: 6.25e-4)
      expectClose(found, expected, relative: 1e-12, absolute: 0)
    }
    #expect(throws: Never.self) { try linear.validate() }
    #expect(throws: Never.self) { try sequential.validate() }
  }

  @Test("A cycle that ends stays at its final rate; one without an end is written without one")
  func cycleEnd() throws {
    var schedule = Schedule(kind: .cyclic, decayUpdates: 10, finalRate: 0.2)
    #expect(rate(schedule, 30, task: 0) == rate(schedule, 0, task: 0))
    schedule.cycleEnd = 30
    #expect(rate(schedule, 29, task: 0) == rate(schedule, 9, task: 0))
    #expect([30, 31, 35, 1_000].map { rate(schedule, $0, task: 0) } == [0.2, 0.2, 0.2, 0.2])
    // Stored texts are compared: without an end they are what they were before there was one.
    schedule.cycleEnd = nil
    let text = String(decoding: try JSONEncoder().encode(schedule), as: UTF8.self)
    #expect(!text.contains("cycleEnd"))
    #expect(try JSONDecoder().decode(Schedule.self, from: Data(text.utf8)) == schedule)
  }

  @Test("A schedule survives encoding, and one that cannot be used names its field")
  func coding() throws {
    let schedule = Schedule.sequentialArcade(updatesPerTask: 5_000)
    let data = try JSONEncoder().encode(schedule)
    #expect(try JSONDecoder().decode(Schedule.self, from: data) == schedule)
    let unusable: [(Schedule, String)] = [
      (Schedule(kind: .linear), "schedule.decayUpdates"),
      (Schedule(kind: .cosine, warmUpUpdates: 9, decayUpdates: 9), "schedule.decayUpdates"),
      (Schedule(kind: .step), "schedule.stepUpdates"),
      (Schedule(kind: .step, stepUpdates: 3, stepFactor: 0), "schedule.stepFactor"),
      (Schedule(warmUpUpdates: -1), "schedule.warmUpUpdates"),
      (Schedule(warmUpRate: .nan), "schedule.warmUpRate"),
      (Schedule(kind: .linear, decayUpdates: 9, finalRate: -1), "schedule.finalRate"),
      (Schedule(kind: .cyclic, decayUpdates: 9, cycleEnd: -1), "schedule.cycleEnd"),
      (Schedule(kind: .trapezoid), "schedule.decayUpdates"),
    ]
    for (schedule, option) in unusable {
      let error = #expect(throws: ConfigurationError.self) { try schedule.validate() }
      #expect(error?.option == option)
    }
  }

  @Test("Text of earlier versions, with the settings of every kind, reads as the kind alone")
  func oldText() throws {
    for kind in Schedule.Kind.allCases {
      let old = """
        {"cycleEnd":70,"decayUpdates":20,"finalRate":0.2,"kind":"\(kind.rawValue)","restartsAtTask":true,\
        "stepFactor":0.5,"stepUpdates":5,"warmUpRate":0.1,"warmUpUpdates":2}
        """
      let read = try JSONDecoder().decode(Schedule.self, from: Data(old.utf8))
      let descends = [.linear, .cosine, .cyclic, .trapezoid].contains(kind)
      let expected = Schedule(
        kind: kind, warmUpUpdates: 2, warmUpRate: 0.1, decayUpdates: descends ? 20 : nil,
        finalRate: descends ? 0.2 : nil, cycleEnd: kind == .cyclic ? 70 : nil,
        stepUpdates: kind == .step ? 5 : nil, stepFactor: kind == .step ? 0.5 : nil,
        restartsAtTask: true)
      #expect(read == expected, "\(kind)")
      let text = String(decoding: try JSONEncoder().encode(read), as: UTF8.self)
      #expect(text.contains("finalRate") == descends && text.contains("step") == (kind == .step))
    }
  }
}
