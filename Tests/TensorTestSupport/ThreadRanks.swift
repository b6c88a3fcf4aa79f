import Foundation
import Synchronization
package import Torch

/// Runs `body` for each rank of a group on a thread of its own, which stands for a process: connections, stores and
/// collective operations are those of processes.
///
/// - Parameter timeout: of the group's operations, in seconds; connections have longer, since threads of a busy machine
///   begin when they can.
/// - Parameter work: how the others see that a busy one works.
/// - Returns: what each rank came to, by rank.
package func withRanks<Value: Sendable>(
  _ size: Int, timeout: Double = 20, work: BusyWork = BusyWork(),
  _ body: @escaping @Sendable (ProcessGroup) throws -> Value
) throws -> [Result<Value, any Error>] {
  let patience = max(timeout, 60)
  let server = try RendezvousStore.served(port: 0, seconds: patience)
  return withExtendedLifetime(server) {
    onThreads(size) { rank in
      func open() throws(ProcessError) -> RendezvousStore {
        try .at("localhost", port: server.port, seconds: patience)
      }
      let group = try ProcessGroup(
        rank: rank, size: size, timeout: timeout, keeper: nil, work: work, open: open)
      return try body(group)
    }
  }
}

/// What `body` comes to for each of so many ranks, each on a thread.
package func onThreads<Value: Sendable>(
  _ size: Int, _ body: @escaping @Sendable (Int) throws -> Value
) -> [Result<Value, any Error>] {
  let results = Mutex<[Int: Result<Value, any Error>]>([:])
  let done = DispatchGroup()
  for rank in 0..<size {
    done.enter()
    let thread = Thread {
      let result = Result { try body(rank) }
      results.withLock { $0[rank] = result }
      done.leave()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }
  done.wait()
  let found = results.withLock { $0 }
  return (0..<size).compactMap { found[$0] }
}
