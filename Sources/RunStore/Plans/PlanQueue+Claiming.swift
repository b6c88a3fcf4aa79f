import Foundation
import GRDB

extension PlanQueue: WorkQueue {
  /// Takes the first entry that waits, or whose lease has run out, of the oldest plan.
  ///
  /// An entry whose lease ran out at its last attempt has failed.
  package func claim(_ request: ClaimRequest) throws -> ClaimAnswer {
    try write { database in
      let now = clock()
      // A lease that ends far in the future was given before the clock was set back.
      try database.execute(
        sql: """
          UPDATE entry SET state = CASE
              WHEN (SELECT is_canceled FROM plan WHERE id = entry.plan) THEN 'canceled'
              WHEN attempts >= (SELECT p.attempts FROM plan AS p WHERE id = entry.plan) THEN 'failed'
              ELSE 'waiting' END,
            message = 'worker ' || worker || ' gave no sign of life for as long as its lease', token = NULL
          WHERE state = 'running' AND (until <= :now OR until > :now + 2 * lease)
          """, arguments: ["now": now])
      var answer = ClaimAnswer()
      let own = "(:plan IS NULL OR plan = :plan) AND (:position IS NULL OR position = :position)"
      let filter: StatementArguments = [
        "plan": request.plan?.text, "position": request.position,
      ]
      answer.running =
        try Int.fetchOne(
          database, sql: "SELECT COUNT(*) FROM entry WHERE state = 'running' AND \(own)",
          arguments: filter) ?? 0
      let waiting = "FROM entry JOIN plan AS p ON p.id = plan WHERE state = 'waiting' AND \(own)"
      let others = try Row.fetchAll(
        database, sql: "SELECT DISTINCT p.id, p.program \(waiting) AND p.program <> :program",
        arguments: filter + ["program": request.program])
      answer.refused = others.map { row in
        "plan \(row["id"] as String) was made by \(row["program"] as String), and this is \(request.program): work "
          + "on it with that program, or cancel it and add it again"
      }
      let found = try Row.fetchOne(
        database,
        sql: """
          SELECT p.id, position, entry.attempts, p.attempts AS most \(waiting) AND p.program = :program
          ORDER BY p.number, position LIMIT 1
          """, arguments: filter + ["program": request.program])
      guard let found else { return answer }
      let claim = PlanClaim(
        plan: try StoreIdentifier(found["id"]), position: found["position"],
        token: UUID().uuidString, attempt: (found["attempts"] as Int) + 1,
        attempts: found["most"])
      let lease = ClaimRequest.leases.clamping(request.lease)
      try database.execute(
        sql: """
          UPDATE entry SET state = 'running', attempts = attempts + 1, worker = ?, token = ?, lease = ?, until = ?
          WHERE plan = ? AND position = ?
          """,
        arguments: [
          request.worker, claim.token, lease, now + lease, claim.plan.text, claim.position,
        ])
      answer.claim = claim
      return answer
    }
  }

  package func beat(_ claim: PlanClaim, share: Double) throws -> LeaseState {
    try write { database in
      guard try isHeld(claim, database) else { return .lost }
      try database.execute(
        sql: "UPDATE entry SET until = ? + lease, share = ? WHERE plan = ? AND position = ?",
        arguments: [clock(), min(max(share, 0), 1), claim.plan.text, claim.position])
      let isCanceled = try Bool.fetchOne(
        database, sql: "SELECT is_canceled FROM plan WHERE id = ?", arguments: [claim.plan.text])
      return isCanceled == true ? .canceled : .held
    }
  }

  package func end(_ claim: PlanClaim, _ ending: EntryEnding) throws {
    try write { database in
      // A result is a result, also of a worker that was taken for lost.
      guard try ending == .settled || isHeld(claim, database) else { return }
      var (state, message, giving) = (State.done, String?.none, 0)
      switch ending {
      case .settled: break
      case .failed(let text, let isFinal):
        (state, message) = (isFinal || claim.attempt >= claim.attempts ? .failed : .waiting, text)
      case .givenBack: (state, giving) = (.waiting, 1)
      }
      try database.execute(
        sql: """
          UPDATE entry SET message = :message, attempts = attempts - :giving, token = NULL, until = NULL,
            share = CASE WHEN :state = 'done' THEN 1 ELSE share END,
            state = CASE WHEN :state = 'waiting' AND (SELECT is_canceled FROM plan WHERE id = :plan)
              THEN 'canceled' ELSE :state END
          WHERE plan = :plan AND position = :position
          """,
        arguments: [
          "message": message, "giving": giving, "state": state.rawValue, "plan": claim.plan.text,
          "position": claim.position,
        ])
    }
  }

  /// Whether a run that somebody sends is that of the entry's lease, or of one that ran out and nobody else has taken.
  package func acceptsRun(
    of plan: StoreIdentifier, _ position: Int, from token: String
  ) throws -> Bool {
    try read { database in
      try Bool.fetchOne(
        database,
        sql: """
          SELECT EXISTS (SELECT 1 FROM entry
            WHERE plan = ? AND position = ? AND (token = ? OR state IN ('waiting', 'failed')))
          """, arguments: [plan.text, position, token]) == true
    }
  }

  private func isHeld(_ claim: PlanClaim, _ database: Database) throws -> Bool {
    try Bool.fetchOne(
      database,
      sql: """
        SELECT EXISTS (SELECT 1 FROM entry
          WHERE plan = ? AND position = ? AND token = ? AND state = 'running')
        """, arguments: [claim.plan.text, claim.position, claim.token]) == true
  }
}

extension ClosedRange {
  /// The bound that a value passes, else the value.
  func clamping(_ value: Bound) -> Bound { Swift.min(Swift.max(value, lowerBound), upperBound) }
}
