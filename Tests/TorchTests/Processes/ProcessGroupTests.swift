import Foundation
import TensorTestSupport
import TestSupport
import Testing
@testable import Torch

/// Collective operations, and what happens where processes do not meet.
@Suite(.timeLimit(.minutes(2))) struct ProcessGroupTests {
  @Test("Collective operations give what their equations say, in every process")
  func collectives() throws {
    let size = 3
    let found = try withRanks(size) { group -> [[Double]] in
      let rank = Double(group.rank)
      let sum = Tensor([rank + 1, 10 * rank])
      try group.allReduce(sum)
      let (least, greatest) = (Tensor([rank - 1]), Tensor([rank * 2]))
      try group.allReduce(least, .least)
      try group.allReduce(greatest, .greatest)
      let copied = Tensor([rank, -rank])
      try group.broadcast(copied, from: 1)
      let gathered = try group.allGather(Tensor([rank, rank * rank]))
      let scattered = try group.reduceScatter(
        Tensor((0..<6).map { Double($0) + rank }, shape: [3, 2]))
      try group.barrier()
      return [sum, least, greatest, copied, gathered, scattered].map(\.doubles)
    }
    for (rank, result) in found.enumerated() {
      let values = try result.get()
      #expect(values[0] == [6, 30] && values[1] == [-1] && values[2] == [4])
      #expect(values[3] == [1, -1])
      #expect(values[4] == [0, 0, 1, 1, 2, 4])
      #expect(values[5] == [Double(6 * rank) + 3, Double(6 * rank) + 6])
    }
  }

  @Test("bfloat16 sums are the same bits in every process")
  func bfloat16() throws {
    let found = try withRanks(3) { group -> UInt64 in
      let values = Tensor.normal([1_001], generator: Generator(seed: UInt64(group.rank)))
        .converted(to: .bfloat16)
      try group.allReduce(values)
      return values.bitHash
    }
    let hashes = try found.map { try $0.get() }
    #expect(Set(hashes).count == 1)
    #expect(Tensor([1.0, 2]).bitHash != Tensor([2.0, 1]).bitHash)
  }

  @Test("A sum over processes passes gradients on as sums")
  func summed() throws {
    let found = try withRanks(2) { group -> [Double] in
      let x = Tensor([Double(group.rank + 1)]).requiringGradient()
      let sum = group.summed(x * 3)
      let loss = (sum * Double(group.rank + 1)).sum()
      return [sum.item] + gradients(of: loss, withRespectTo: [x])[0].doubles
    }
    // The sum is 3 + 6; each x has weight 3 in both losses, whose factors are 1 and 2.
    #expect(try found.map { try $0.get() } == [[9, 9], [9, 9]])
  }

  @Test("A store in a file serves as well")
  func fileStore() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "meeting").path
      let found = onThreads(2) { rank -> Double in
        let group = try ProcessGroup(rank: rank, size: 2, timeout: 20) {
          () throws(ProcessError) in
          try .inFile(path, seconds: 20)
        }
        let sum = Tensor([Double(rank + 1)])
        try group.allReduce(sum)
        return sum.item
      }
      let sums = try found.map { try $0.get() }
      #expect(sums == [3, 3])
    }
  }

  @Test("A process that does not come is named in bounded time")
  func absent() throws {
    let found = onThreads(2) { _ in
      let server = try RendezvousStore.served(port: 0, seconds: 1)
      _ = try ProcessGroup(rank: 1, size: 3, timeout: 1) { () throws(ProcessError) in
        try .at("localhost", port: server.port, seconds: 1)
      }
    }
    for result in found {
      #expect(throws: ProcessError.absent(ranks: [0, 2], size: 3, seconds: 1)) {
        try result.get()
      }
    }
  }

  @Test("Another number of processes, and a rank that is taken, are errors that say so")
  func mismatch() throws {
    func meeting(_ ranks: [(rank: Int, size: Int)]) throws -> [any Error] {
      let server = try RendezvousStore.served(port: 0, seconds: 2)
      return onThreads(ranks.count) { index in
        _ = try ProcessGroup(rank: ranks[index].rank, size: ranks[index].size, timeout: 2) {
          () throws(ProcessError) in
          try .at("localhost", port: server.port, seconds: 2)
        }
      }.compactMap { if case .failure(let error) = $0 { error } else { nil } }
    }
    let sizes = try meeting([(0, 2), (1, 3)]).map { "\($0)" }
    #expect(sizes.contains { $0.contains("another number of processes") }, "\(sizes)")
    let taken = try meeting([(0, 2), (0, 2)]).map { "\($0)" }
    #expect(taken.contains { $0.contains("rank 0 is taken") }, "\(taken)")
    #expect(throws: ProcessError.self) {
      try ProcessGroup(rank: 2, size: 2) { () throws(ProcessError) in
        try .served(port: 0, seconds: 1)
      }
    }
  }

  @Test("A port in use, and an address where nobody answers, are errors that say so")
  func addresses() throws {
    let server = try RendezvousStore.served(port: 0, seconds: 1)
    let inUse = #expect(throws: ProcessError.self) {
      try RendezvousStore.served(port: server.port, seconds: 1)
    }
    #expect("\(inUse.map { "\($0)" } ?? "")".contains("cannot be had"))
    let nobody = #expect(throws: ProcessError.self) {
      try RendezvousStore.at("localhost", port: 1, seconds: 1)
    }
    #expect("\(nobody.map { "\($0)" } ?? "")".contains("nobody answers"))
  }

  @Test("Who waits for a process that stopped, or that does not come, throws what it knows of it")
  func failures() throws {
    let stopped = try withRanks(3, timeout: 10) { group in
      if group.rank == 2 { return group.announceStop("the disk is full") }
      try group.barrier()
    }
    for result in stopped.prefix(2) {
      #expect(throws: ProcessError.stopped(rank: 2, reason: "the disk is full")) {
        try result.get()
      }
    }
    let absent = try withRanks(2, timeout: 1) { group in
      // Its signs of life go on: it hangs.
      if group.rank == 1 { return Thread.sleep(forTimeInterval: 2.5) }
      try group.barrier()
    }
    let error = #expect(throws: ProcessError.self) { try absent[0].get() }
    guard case .behind(let ranks, _, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(ranks == [1])
  }

  @Test(
    "A busy process is waited for as long as it works, and is named when it does not",
    arguments: [true, false])
  func busy(works: Bool) throws {
    let clock = ContinuousClock.now
    let work = BusyWork(patience: 1.5) { _ in
      works ? Int((ContinuousClock.now - clock) / .milliseconds(10)) : 7
    }
    let found = try withRanks(2, timeout: 4, work: work) { group in
      if group.rank == 0 { group.whileBusy { Thread.sleep(forTimeInterval: 11) } }
      try group.barrier()
    }
    guard !works else {
      for result in found { try result.get() }
      return
    }
    let error = #expect(throws: ProcessError.self) { try found[1].get() }
    guard case .behind(let ranks, _, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(ranks == [0])
  }

  @Test("Work is the time that the busy thread takes of a processor, and no other thread's")
  func work() async {
    await #expect(processExitsWith: .success) {
      @Sendable func spin() {
        // A fifth of a second of a processor, however busy the machine is.
        let start = BusyThread.current.work
        while BusyThread.current.work < start + 20 {}
      }
      let busy = BusyThread.current
      let start = busy.work
      let other = Thread { spin() }
      other.start()
      while !other.isFinished { usleep(50_000) }
      let waited = busy.work - start
      spin()
      let worked = busy.work - start - waited
      #expect(waited <= 5 && worked >= 20, "\(waited), \(worked)")
    }
  }
}
