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

    The metrics that nap records, with their names and units. `nap list --metrics` prints this page from the definitions
    in `Sources/RunStore/Metrics`, which reports use too. A test compares the two.

    **When.** A point of a series belongs to a task, counted from 0, and to an update count: the optimizer's updates
    before the measurement, over all tasks. A run of an agent counts rounds as updates. A round is the agent's steps
    between two chances to learn, and then the update, if the replay has enough. One (task, update count) has one value.
    A resumed run that records the same moment again replaces it. "Measured updates" are the last update of each task
    and every `recording.everyUpdates`-th; for agents, the last of each visit and every `recording.everyRounds`-th.

    **Scope.** The scope says what was measured: empty for the whole network, else the name of a layer or parameter in
    the checkpoint. Results of the average of weights (`average.decay`) have the scope `average`.

    **Probe inputs** are `recording.probeCount` (64) examples, drawn once at the start of a run. They are the same
    examples in every task, with the inputs and labels of that task.

    **Values that are not finite** are kept. The database has NULL with `nan`, `inf` or `-inf` beside it, CSV and JSON
    have those words, and a chart has a gap. A mean over such values is not finite either; nothing is dropped silently.

    **Undefined values.** A measure may have no number at a moment: an empty batch, a network without the required
    layer, a zero norm, an iteration that did not converge, a regime without a formula. It is kept as NaN with its
    reason, which `nap runs show`, CSV and archives contain. It is never a zero.

    **Diagnostics.** `recording.diagnostics` says which diagnostics a run records (`all`, or names of `nap list
    diagnostics`). They change nothing: a run with them has the same parameters to the last bit. `nap measure` takes
    all of them from a checkpoint.

    """

  private static let statistics = """
    ## Statistics

    The statistics of series; each is defined where it is computed, in `Sources/RunStore/Statistics`.

    | word | meaning |
    |---|---|
    | first fifth, last fifth | mean over the first, the last fifth of the tasks that have a value (at least one task) |
    | slope | least-squares slope of the task's value against the task's number, per task, one per seed |
    | paired difference | arm minus reference on the same seed, averaged over the seeds that both finished |
    | interval | 95 % Student's t interval of a mean over seeds; none below five seeds |
    | p, Holm | two-sided paired t test, corrected over all arms of a table by Holm's step-down method |
    | no harm, harm | better, or worse, than the reference minus the margin (1 point of accuracy, 0.02 nats, 0.05 of a \
    score), if the p against that bound, corrected like the other, is at most 0.05; else undecided |
    | first half | mean over the tasks before the second half, of a sequence that is visited twice |
    | solved | tasks of the second half whose value is beyond the recipe's threshold: for agents a score above 0, the \
    score of random play |
    | interquartile mean | mean of the middle half of the tasks that count, beside the mean, which is the measure |
    | rolling mean | mean over a centred window of tasks, named in the panel's title wherever it is drawn |

    """
}
