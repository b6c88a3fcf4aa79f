import Foundation
import Synchronization

/// Signs of life of the processes of a group, from a thread of its own over a connection of its own.
///
/// Each process sets its sign every ``interval`` seconds: a count, how many operations it has come to, whether it is
/// busy with something long, and how much it has worked. A process that waits reads those of the others. It waits for
/// a busy one as long as that works, though at most sixty timeouts, and fewer for one that does not.
final class PeerWatch: Sendable {
  /// The rank that keeps the store; `nil` for another program.
  let keeper: Int?
  private let rank: Int
  private let size: Int
  private let interval: Double
  private let store: RendezvousStore
  private let work: BusyWork
  private let state = Mutex(State())
  private struct Sign: Equatable {
    var count = -1
    var operations = 0
    var isBusy = false
    var work = 0
    var changed = ContinuousClock.now
    /// When it last had worked.
    var worked = ContinuousClock.now
  }

  private struct State {
    var operations = 0
    var busy: BusyThread?
    var isReading = false
    var hasEnded = false
    var announcement: String?
    var signs: [Int: Sign] = [:]
    var stopped: (rank: Int, reason: String)?
    var storeAnswered = ContinuousClock.now
    var storeFailure: String?
  }

  init(
    rank: Int, size: Int, keeper: Int?, interval: Double, store: RendezvousStore,
    work: BusyWork
  ) {
    (self.rank, self.size, self.keeper) = (rank, size, keeper)
    (self.interval, self.store, self.work) = (interval, store, work)
    let thread = Thread { [weak self, interval] in
      var count = 0
      while let watch = self, watch.beat(count) {
        count += 1
        Thread.sleep(forTimeInterval: interval)
      }
    }
    thread.stackSize = 1 << 20
    thread.start()
  }

  func end() { state.withLock { $0.hasEnded = true } }
  func count() { state.withLock { $0.operations += 1 } }
  func setBusy(_ thread: BusyThread?) { state.withLock { $0.busy = thread } }

  /// Sets this process's sign and, while somebody waits, reads the others'. False after the end.
  private func beat(_ count: Int) -> Bool {
    let now = state.withLock { $0 }
    guard !now.hasEnded else { return false }
    do throws(ProcessError) {
      let numbers = [count, now.operations, now.busy == nil ? 0 : 1, now.busy.map(work.done) ?? 0]
      try store.set("sign/\(rank)", numbers.map(String.init).joined(separator: " "))
      if let reason = now.announcement { try announceFirst(reason) }
      var stopped: (rank: Int, reason: String)?
      if try store.has("stopped") {
        let parts = try store.value("stopped").split(separator: "\t", maxSplits: 1)
        if parts.count == 2, let from = Int(parts[0]) { stopped = (from, String(parts[1])) }
      }
      var found: [Int: Sign] = [:]
      if now.isReading {
        for other in 0..<size where other != rank { found[other] = try sign(of: other) }
      }
      state.withLock { state in
        if state.stopped == nil { state.stopped = stopped }
        for (other, var sign) in found where state.signs[other]?.count != sign.count {
          if let last = state.signs[other], last.isBusy, sign.isBusy, last.work == sign.work {
            sign.worked = last.worked
          }
          state.signs[other] = sign
        }
        (state.storeAnswered, state.storeFailure) = (.now, nil)
        if now.announcement != nil { state.announcement = nil }
      }
    } catch {
      state.withLock { $0.storeFailure = error.description }
    }
    return true
  }

  private func sign(of other: Int) throws(ProcessError) -> Sign {
    guard try store.has("sign/\(other)") else { return Sign(count: 0) }
    let numbers = try store.value("sign/\(other)").split(separator: " ").compactMap { Int($0) }
    guard numbers.count == 4 else { return Sign(count: 0) }
    return Sign(
      count: numbers[0], operations: numbers[1], isBusy: numbers[2] == 1, work: numbers[3])
  }

  private func announceFirst(_ reason: String) throws(ProcessError) {
    if try store.add(1, to: "stopping") == 1 {
      try store.set("stopped", "\(rank)\t\(reason.prefix(2_000))")
    }
  }

  /// Says why this process stops, and waits a little until that is in the store.
  func announce(_ reason: String) {
    state.withLock { $0.announcement = reason }
    let deadline = ContinuousClock.now + .seconds(4 * interval)
    while ContinuousClock.now < deadline, state.withLock({ $0.announcement != nil }) {
      Thread.sleep(forTimeInterval: 0.02)
    }
  }

  /// Who is missing, after so many seconds of waiting; `nil` for reason to go on.
  func verdict(waited: Double, timeout: Double, what: String) -> ProcessError? {
    let now = state.withLock { state in
      state.isReading = waited > min(1, timeout / 4)
      return state
    }
    if let stopped = now.stopped, stopped.rank != rank {
      return .stopped(rank: stopped.rank, reason: stopped.reason)
    }
    if isStoreSilent(now, for: timeout) { return storeError(now) }
    guard waited > timeout else { return nil }
    let silent = silent(now, for: 4 * interval)
    if !silent.isEmpty { return .lost(ranks: silent, rank: rank, what: what) }
    if isStoreSilent(now, for: 4 * interval) { return storeError(now) }
    // A checkpoint may take its time, as long as it goes on.
    func isAtWork(_ sign: Sign) -> Bool {
      sign.isBusy && ContinuousClock.now - sign.worked < .seconds(work.patience * timeout)
    }
    if waited < 60 * timeout, now.signs.values.contains(where: isAtWork) { return nil }
    let behind = now.signs.filter { $0.value.operations < now.operations || $0.value.isBusy }.keys
    return behind.isEmpty
      ? .cut(rank: rank, what: what, reason: "nothing came for \(ProcessError.words(timeout))")
      : .behind(ranks: behind.sorted(), rank: rank, what: what, seconds: timeout)
  }

  /// Who caused an operation to fail: looked for until it is known, at most a few signs' time.
  func cause(atMost seconds: Double, what: String) -> ProcessError? {
    state.withLock { $0.isReading = true }
    let deadline = ContinuousClock.now + .seconds(min(seconds, 12 * interval))
    while ContinuousClock.now < deadline {
      Thread.sleep(forTimeInterval: interval / 4)
      let now = state.withLock { $0 }
      if let stopped = now.stopped, stopped.rank != rank {
        return .stopped(rank: stopped.rank, reason: stopped.reason)
      }
      if isStoreSilent(now, for: 4 * interval) { return storeError(now) }
      let silent = silent(now, for: 5 * interval)
      if !silent.isEmpty { return .lost(ranks: silent, rank: rank, what: what) }
    }
    return nil
  }

  private func silent(_ state: State, for seconds: Double) -> [Int] {
    state.signs.filter { ContinuousClock.now - $0.value.changed > .seconds(seconds) }.keys.sorted()
  }

  private func isStoreSilent(_ state: State, for seconds: Double) -> Bool {
    ContinuousClock.now - state.storeAnswered > .seconds(seconds)
  }

  private func storeError(_ state: State) -> ProcessError {
    let who =
      keeper.map { "rank \($0), which keeps the store," } ?? "the launcher, which keeps the store,"
    return .store(
      "\(who) died or was cut off: rank \(rank) gets no answer from there"
        + (state.storeFailure.map { " (\($0))" } ?? ""))
  }
}
