/// A lease on one entry of a plan: whoever has it trains the entry, and nobody else.
package struct PlanClaim: Codable, Hashable, Sendable {
  /// The plan.
  package let plan: StoreIdentifier
  /// The entry's place in the plan.
  package let position: Int
  /// What tells this lease from earlier and later ones of the same entry.
  package let token: String
  /// The how manieth attempt it is, from 1 on.
  package let attempt: Int
  /// Attempts that an entry has.
  package let attempts: Int
}

/// Who asks for work, and what it can do.
package struct ClaimRequest: Codable, Hashable, Sendable {
  /// A name of the worker for people, such as `node7-4211`.
  package var worker: String
  /// The versions of the program, as ``PlanQueue/Plan/program`` has them. Entries of other versions are not given out.
  package var program: String
  /// Seconds for which the lease holds without a sign of life.
  package var lease: Double
  /// The plan to work on; any where it is absent.
  package var plan: StoreIdentifier?
  /// The entry to work on; any where it is absent.
  package var position: Int?

  /// A request; see the properties.
  package init(
    worker: String, program: String, lease: Double, plan: StoreIdentifier? = nil,
    position: Int? = nil
  ) {
    self.worker = worker
    self.program = program
    self.lease = lease
    self.plan = plan
    self.position = position
  }

  /// Leases that anybody may ask for, in seconds.
  package static let leases = 1.0...86_400.0
}

/// What a request for work is answered with.
package struct ClaimAnswer: Codable, Hashable, Sendable {
  /// The entry to train; absent where none is free now.
  package var claim: PlanClaim?
  /// Entries that other workers train now. One of them may become free.
  package var running = 0
  /// Plans of other programs, a sentence each.
  package var refused: [String] = []
}

/// What became of a lease.
package enum LeaseState: String, Codable, Sendable {
  /// It holds, and was made longer.
  case held
  /// It ran out, and another worker has the entry or has finished it.
  case lost
  /// The plan was canceled.
  case canceled
}

/// How a worker's training of an entry ended.
package enum EntryEnding: Codable, Hashable, Sendable {
  /// With a training outcome, good or bad.
  case settled
  /// At a fault. One that every attempt would meet is final.
  case failed(message: String, isFinal: Bool)
  /// Stopped by a signal and saved: somebody else goes on, and it does not count as an attempt.
  case givenBack
}

/// Where workers get entries of plans: a queue in a folder of runs, or a server that has one.
package protocol WorkQueue {
  /// Takes an entry that nobody trains. Of several workers that ask, one gets it.
  func claim(_ request: ClaimRequest) throws -> ClaimAnswer
  /// A sign of life, with the share of the run that is done.
  func beat(_ claim: PlanClaim, share: Double) throws -> LeaseState
  /// Ends a lease. After it has run out only a settled entry is still recorded.
  func end(_ claim: PlanClaim, _ ending: EntryEnding) throws
}
