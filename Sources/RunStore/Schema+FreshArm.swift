import GRDB
import Texts

extension Schema {
  /// Gives what earlier builds called `fresh` its name of today; see ``FreshArm``. A run's own name goes along where it
  /// is the one that runs have by default.
  static func renameFreshArms(_ database: Database) throws {
    let isFresh = "(arm = 'fresh' OR arm LIKE 'fresh/%' OR arm LIKE 'fresh[%')"
    for row in try Row.fetchAll(database, sql: "SELECT * FROM run WHERE \(isFresh)") {
      let (arm, configuration): (String, String) = (row["arm"], row["configuration"])
      let new = FreshArm.name(arm, ofRun: configuration)
      let (recipe, preset, seed): (String, String, Int) = (
        row["recipe"], row["preset"], row["seed"]
      )
      let name: String = row["name"]
      let isDefault = name == Run.defaultName(recipe, preset, arm, seed)
      try database.execute(
        sql: "UPDATE run SET arm = ?, name = ? WHERE number = ?",
        arguments: [
          new, isDefault ? Run.defaultName(recipe, preset, new, seed) : name, row["number"] as Int,
        ])
    }
    let entries = try Row.fetchAll(
      database,
      sql: """
        SELECT e.comparison, e.position, e.arm, c.configuration FROM comparison_entry AS e
        JOIN comparison AS c ON c.id = e.comparison WHERE \(isFresh)
        """)
    for row in entries {
      try database.execute(
        sql: "UPDATE comparison_entry SET arm = ? WHERE comparison = ? AND position = ?",
        arguments: [
          FreshArm.name(row["arm"], inPlanOf: row["configuration"]), row["comparison"] as String,
          row["position"] as Int,
        ])
    }
    let tuned = try Row.fetchAll(
      database,
      sql: """
        SELECT t.number, t.arm, t.record, c.configuration FROM tuned_setting AS t
        JOIN comparison AS c ON c.id = t.comparison WHERE \(isFresh)
        """)
    for row in tuned {
      let new = FreshArm.name(row["arm"], inPlanOf: row["configuration"])
      var text: String = row["record"]
      if let record = try? JSONText.decode(TunedSetting.self, from: text) {
        text = try JSONText.encode(record.renamed(arm: new))
      }
      try database.execute(
        sql: "UPDATE tuned_setting SET arm = ?, record = ? WHERE number = ?",
        arguments: [new, text, row["number"] as Int])
    }
  }
}
