import GRDB

/// The tables of the store, as a list of named migrations.
///
/// The list only grows: a migration that was ever released is never edited, since stores on
/// people's disks have it applied. A store that has a migration unknown here is newer than the
/// program and is refused.
enum Schema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 runs, series, comparisons") { database in
      try database.execute(sql: runs)
      try database.execute(sql: series)
      try database.execute(sql: comparisons)
    }
    migrator.registerMigration("2 reasons of points") { database in
      try database.execute(sql: reasons)
    }
    migrator.registerMigration("3 protocol manifests of runs") { database in
      try database.execute(sql: "ALTER TABLE run ADD COLUMN manifest TEXT")
    }
    migrator.registerMigration("4 states that runs wrote") { database in
      try database.execute(sql: writtenStates)
    }
    migrator.registerMigration("5 fresh is the network as written") { database in
      try renameFreshArms(database)
    }
    migrator.registerMigration("6 where runs fork") { database in
      try database.execute(sql: "ALTER TABLE run ADD COLUMN parent_updates INTEGER")
    }
    return migrator
  }

  /// SHA-256 sums of states that run code when they are read.
  private static let writtenStates = """
    CREATE TABLE written_state (
      run TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
      sum TEXT NOT NULL,
      PRIMARY KEY (run, sum)
    ) STRICT, WITHOUT ROWID;
    """

  /// `series.id` stands for (run, metric, scope), so that a point costs about 20 bytes. The value of
  /// a point is NULL exactly when `state` names one that is not finite.
  private static let series = """
    CREATE TABLE series (
      id INTEGER PRIMARY KEY,
      run TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
      metric TEXT NOT NULL,
      scope TEXT NOT NULL,
      UNIQUE (run, metric, scope)
    ) STRICT;
    CREATE TABLE point (
      series INTEGER NOT NULL REFERENCES series(id) ON DELETE CASCADE,
      updates INTEGER NOT NULL CHECK (updates >= 0),
      task INTEGER NOT NULL CHECK (task >= 0),
      value REAL,
      state TEXT CHECK (state IN ('nan', 'inf', '-inf')),
      PRIMARY KEY (series, updates, task),
      CHECK ((value IS NULL) = (state IS NOT NULL))
    ) STRICT, WITHOUT ROWID;
    """

  /// Why a point's value is not finite; NULL for a finite one and where no reason was given.
  private static let reasons = """
    ALTER TABLE point ADD COLUMN reason TEXT CHECK (reason IS NULL OR state IS NOT NULL);
    """

  /// Moments are ISO 8601 in UTC; configurations and provenance are JSON.
  private static let runs = """
    CREATE TABLE run (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      recipe TEXT NOT NULL,
      preset TEXT NOT NULL,
      arm TEXT NOT NULL,
      seed INTEGER NOT NULL,
      comparison TEXT,
      purpose TEXT NOT NULL,
      configuration TEXT NOT NULL,
      provenance TEXT NOT NULL,
      parent TEXT,
      state TEXT NOT NULL,
      reason TEXT,
      started TEXT NOT NULL,
      ended TEXT,
      wall_seconds REAL NOT NULL,
      peak_memory_bytes INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX run_by_comparison ON run (comparison);
    CREATE INDEX run_by_recipe ON run (recipe, preset, arm, seed);
    CREATE TABLE resumption (
      run TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      updates INTEGER NOT NULL,
      provenance TEXT NOT NULL,
      PRIMARY KEY (run, position)
    ) STRICT, WITHOUT ROWID;
    """

  private static let comparisons = """
    CREATE TABLE comparison (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      kind TEXT NOT NULL,
      recipe TEXT NOT NULL,
      preset TEXT NOT NULL,
      configuration TEXT NOT NULL,
      provenance TEXT NOT NULL
    ) STRICT;
    CREATE TABLE comparison_entry (
      comparison TEXT NOT NULL REFERENCES comparison(id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      arm TEXT NOT NULL,
      seed INTEGER NOT NULL,
      overrides TEXT NOT NULL,
      run TEXT REFERENCES run(id) ON DELETE SET NULL,
      PRIMARY KEY (comparison, position)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX comparison_entry_by_run ON comparison_entry (run);
    CREATE TABLE tuned_setting (
      number INTEGER PRIMARY KEY,
      comparison TEXT NOT NULL,
      recipe TEXT NOT NULL,
      preset TEXT NOT NULL,
      arm TEXT NOT NULL,
      key TEXT NOT NULL,
      record TEXT NOT NULL,
      UNIQUE (comparison, arm, key)
    ) STRICT;
    CREATE INDEX tuned_setting_by_arm ON tuned_setting (recipe, preset, arm, key);
    """
}
