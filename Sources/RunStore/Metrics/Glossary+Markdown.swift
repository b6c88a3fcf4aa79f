extension Metric {
  /// The glossary as the page `docs/metrics.md`, which `nap list --metrics` prints.
  public static var glossaryPage: String {
    var lines = [introduction]
    for section in sections {
      lines.append("## \(section.title)\n")
      lines += section.entries.map(paragraphs)
    }
    lines.append(statistics)
    return lines.joined(separator: "\n")
  }

  private static func paragraphs(_ entry: Entry) -> String {
    let direction =
      switch entry.better {
      case .higher: " More is better."
      case .lower: " Less is better."
      case .neither: ""
      }
    let unit =
      switch entry.unit {
      case "": "No unit."
      case "share": "Unit: share, 0 to 1."
      default: "Unit: \(entry.unit)."
      }
    var text = """
      ### `\(entry.metric.name)`: \(entry.title.lowercased())

      \(sentence(entry.definition)) \(unit)\(direction)


      """
    if !entry.formula.isEmpty { text += "- **Formula**: \(entry.formula)\n" }
    text += "- **Over**: \(entry.over)\n- **When**: \(entry.when)\n"
    if !entry.source.isEmpty { text += "- **Source**: \(entry.source)\n" }
    return text
  }

  private static func sentence(_ phrase: String) -> String {
    phrase.prefix(1).uppercased() + phrase.dropFirst() + "."
  }

  private static let introduction = """
    # Metrics

    What nap records, under which name, in which unit. `nap list --metrics` prints this page from the definitions in
    `Sources/RunStore/Metrics`, which reports use, too; a test compares the two.

    **When.** A point of a series belongs to a task, counted from 0, and to an update count: the updates of the
    optimizer done before the measurement, over all tasks. A run of an agent counts its rounds as updates: one round is
    the agent's steps between two chances to learn, then the update, if the replay holds enough. One (task, update
    count) has one value; a resumed run that records the moment again replaces it. "Measured updates" are the last of
    each task and every `recording.everyUpdates`-th; of agents, the last of each visit and every
    `recording.everyRounds`-th.

    **Of what.** The scope says what was measured: empty for the whole network, else the name of a layer or parameter as
    in the checkpoint.

    **Probe inputs** are `recording.probeCount` (64) examples, drawn once at the start of a run: the same examples in
    every task, with the inputs and labels that the task at hand gives them.

    **Values that are not finite** are kept. The database holds NULL with `nan`, `inf` or `-inf` beside it, CSV and JSON
    hold those words, and a chart leaves a gap. A mean over such values is not finite either; nothing is dropped
    silently.

    **Undefined values.** A measure that has no number at a moment (an empty batch, a network without the layer asked
    for, a zero norm, an iteration that did not converge, a regime without a formula) is kept as NaN with its reason
    beside it, which `nap runs show`, CSV and archives give back. It is never a zero.

    **Diagnostics.** `recording.diagnostics` names which a run records (`all`, or names of `nap list`). They change
    nothing: a run with them has the same parameters to the last bit. `nap measure` takes all of them of a checkpoint.

    """

  private static let statistics = """
    ## What is made of them

    The store's statistics turn series into evidence; each is defined where it is computed, in
    `Sources/RunStore/Statistics`.

    | word | meaning |
    |---|---|
    | first fifth, last fifth | mean over the first, the last fifth of the tasks that have a value (at least one task) |
    | slope | least-squares slope of the task's value against the task's number, per task, one a seed |
    | paired difference | arm minus reference on the same seed, averaged over the seeds that both finished |
    | interval | 95 % Student's t interval of a mean over seeds; none below five seeds |
    | p, Holm | two-sided paired t test, corrected over all arms of a table by Holm's step-down method |
    | no harm, harm | better, or worse, than the reference worsened by the margin (1 point of accuracy, 0.02 nats, 0.05 of a score), where the p against that bound, corrected like the other, is at most 0.05; else undecided |
    | first half | mean over the tasks before the second half, of a sequence that is visited twice |
    | solved | tasks of the second half whose value is beyond the recipe's threshold: for agents a score above 0, which is random play's |
    | interquartile mean | mean of the middle half of the tasks that count, beside the mean, which is the measure |
    | rolling mean | mean over a centred window of tasks, named in the panel's title wherever it is drawn |

    """
}
