import GRDB

extension Store {
  /// Adds measurements to a run, in one transaction.
  ///
  /// A series has one value for each (task, updates): a second one replaces the first, so that a
  /// resumed run may record the same moment again. Cost: about 7 µs per value, and some milliseconds
  /// for the transaction to reach the disk: collect a task's values and add them at once.
  ///
  /// Throws ``StoreError/notFound(kind:text:path:)`` when there is no such run.
  public func append(_ values: [MetricValue], to run: StoreIdentifier) throws {
    guard !values.isEmpty else { return }
    try write { database in
      let known = try Bool.fetchOne(
        database, sql: "SELECT EXISTS (SELECT 1 FROM run WHERE id = ?)", arguments: [run.text])
      guard known == true else { throw notFound("run", run.text) }
      try Store.upsert(database, values, of: run)
    }
  }

  /// The series that a run has, sorted by metric and scope.
  public func seriesKeys(of run: StoreIdentifier) throws -> [SeriesKey] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT metric, scope FROM series WHERE run = ?
            AND EXISTS (SELECT 1 FROM point WHERE point.series = series.id)
          """, arguments: [run.text]
      ).map { SeriesKey(Metric($0["metric"]), scope: $0["scope"]) }.sorted()
    }
  }

  /// One series of a run, by update count and then task; empty when it was never recorded.
  public func points(_ key: SeriesKey, of run: StoreIdentifier) throws -> [SeriesPoint] {
    try points(key, of: [run])[run] ?? []
  }

  /// The whole-network series of a metric of a run.
  public func points(_ metric: Metric, of run: StoreIdentifier) throws -> [SeriesPoint] {
    try points(SeriesKey(metric), of: run)
  }

  /// One series of many runs, in one snapshot; runs that never recorded it are left out.
  public func points(
    _ key: SeriesKey, of runs: [StoreIdentifier]
  ) throws -> [StoreIdentifier: [SeriesPoint]] {
    try read { database in
      var result: [StoreIdentifier: [SeriesPoint]] = [:]
      for run in runs where result[run] == nil {
        let points = try Row.fetchAll(
          database,
          sql: """
            SELECT task, updates, value, state, reason FROM point
            WHERE series = (SELECT id FROM series WHERE run = ? AND metric = ? AND scope = ?)
            ORDER BY updates, task
            """, arguments: [run.text, key.metric.name, key.scope]
        ).map(SeriesPoint.init)
        if !points.isEmpty { result[run] = points }
      }
      return result
    }
  }

  /// The latest point of a series; `nil` when it was never recorded.
  public func lastPoint(_ key: SeriesKey, of run: StoreIdentifier) throws -> SeriesPoint? {
    try read { database in
      try Row.fetchOne(
        database,
        sql: """
          SELECT task, updates, value, state, reason FROM point
          WHERE series = (SELECT id FROM series WHERE run = ? AND metric = ? AND scope = ?)
          ORDER BY updates DESC, task DESC LIMIT 1
          """, arguments: [run.text, key.metric.name, key.scope]
      ).map(SeriesPoint.init)
    }
  }

  /// The last value of a series in each task: where it stood when the task ended.
  public func valueByTask(_ key: SeriesKey, of run: StoreIdentifier) throws -> [Int: Double] {
    Dictionary(
      try points(key, of: run).map { ($0.task, $0.value) }, uniquingKeysWith: { _, last in last })
  }

  /// The tasks of a run in which anything was recorded, counted up to the last of them.
  public func taskCount(of run: StoreIdentifier) throws -> Int {
    try read { database in
      try Int.fetchOne(
        database,
        sql: """
          SELECT MAX(last) + 1 FROM (
            SELECT (SELECT task FROM point WHERE point.series = series.id
                    ORDER BY updates DESC, task DESC LIMIT 1) AS last
            FROM series WHERE run = ?)
          """, arguments: [run.text]) ?? 0
    }
  }

  /// Every measurement of a run, by metric, scope, update count and task.
  public func values(of run: StoreIdentifier) throws -> [MetricValue] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT metric, scope, task, updates, value, state, reason
          FROM series JOIN point ON point.series = series.id
          WHERE run = ? ORDER BY metric, scope, updates, task
          """, arguments: [run.text]
      ).map { row in
        let point = SeriesPoint(row)
        return MetricValue(
          Metric(row["metric"]), scope: row["scope"], task: point.task, updates: point.updates,
          value: point.value, reason: point.reason)
      }
    }
  }

  static func upsert(
    _ database: Database, _ values: [MetricValue], of run: StoreIdentifier
  ) throws {
    var identifiers: [SeriesKey: Int64] = [:]
    let find = try database.makeStatement(
      sql: """
        INSERT INTO series (run, metric, scope) VALUES (?, ?, ?)
        ON CONFLICT (run, metric, scope) DO UPDATE SET metric = excluded.metric RETURNING id
        """)
    let insert = try database.makeStatement(
      sql: """
        INSERT INTO point (series, updates, task, value, state, reason) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (series, updates, task) DO UPDATE
        SET value = excluded.value, state = excluded.state, reason = excluded.reason
        """)
    for value in values {
      let key = SeriesKey(value.metric, scope: value.scope)
      let identifier: Int64?
      if let known = identifiers[key] {
        identifier = known
      } else {
        identifier = try Int64.fetchOne(find, arguments: [run.text, key.metric.name, key.scope])
        identifiers[key] = identifier
      }
      let state = NonFinite(value.value)
      try insert.execute(arguments: [
        identifier, value.updates, value.task, state == nil ? value.value : nil, state?.rawValue,
        state == nil ? nil : value.reason,
      ])
    }
  }

  static func removePoints(
    _ database: Database, of run: StoreIdentifier, after updates: Int
  ) throws -> Int {
    try database.execute(
      sql: """
        DELETE FROM point WHERE updates > ? AND series IN (SELECT id FROM series WHERE run = ?)
        """, arguments: [updates, run.text])
    return database.changesCount
  }
}

extension SeriesPoint {
  init(_ row: Row) {
    let state = (row["state"] as String?).flatMap(NonFinite.init(rawValue:))
    self.init(
      task: row["task"], updates: row["updates"],
      value: state?.value ?? (row["value"] as Double?) ?? .nan, reason: row["reason"])
  }
}
