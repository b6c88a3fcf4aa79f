import Synchronization

extension Metric {
  /// What a metric is: how to show it and what it means. The one definition of each; pages are printed from it.
  public struct Entry: Hashable, Sendable {
    /// Whether more is better, less is better, or neither.
    public enum Direction: Hashable, Sendable { case higher, lower, neither }

    /// The metric.
    public let metric: Metric
    /// A title for people.
    public let title: String
    /// The unit, empty for a pure number.
    public let unit: String
    /// Whether more is better.
    public let better: Direction
    /// Whether its values span decades, so that a logarithmic axis shows them better.
    public let spansDecades: Bool
    /// What it is, in a phrase.
    public let definition: String
    /// The equation; empty where the definition says it all.
    public let formula: String
    /// What it is taken over: which examples, units, parameters, and what a scope names.
    public let over: String
    /// At which moments it is measured.
    public let when: String
    /// Where the definition comes from; empty for what needs no source.
    public let source: String

    /// An entry; see the properties.
    public init(
      _ metric: Metric, _ title: String, unit: String = "", better: Direction = .neither,
      spansDecades: Bool = false, _ definition: String, formula: String = "", over: String,
      when: String, source: String = ""
    ) {
      self.metric = metric
      self.title = title
      self.unit = unit
      self.better = better
      self.spansDecades = spansDecades
      self.definition = definition
      self.formula = formula
      self.over = over
      self.when = when
      self.source = source
    }
  }

  /// A part of the glossary under one heading.
  public struct Section: Sendable {
    /// The heading.
    public let title: String
    /// The metrics in order.
    public let entries: [Entry]
  }

  /// Every metric that nap records, by what it tells; those that a program adds come last.
  public static var sections: [Section] {
    builtIn
      + (added.isEmpty ? [] : [Section(title: "What this program adds", entries: added)])
  }

  /// Every metric that nap records, in the order of `docs/metrics.md`.
  public static var glossary: [Entry] { sections.flatMap(\.entries) }

  /// What is known of this metric, `nil` for a name that is not in the glossary.
  public var entry: Entry? { Metric.glossary.first { $0.metric == self } }

  /// Adds a metric to the glossary, so that it is shown with its title, unit and definition. Before anything else asks
  /// for it.
  ///
  /// - Throws: ``GlossaryError`` for a metric that is defined already.
  public static func define(_ entry: Entry) throws(GlossaryError) {
    guard entry.metric.entry == nil else { throw GlossaryError(metric: entry.metric) }
    additions.withLock { $0.append(entry) }
  }

  /// Those that a program adds, in the order in which it does.
  package static var added: [Entry] { additions.withLock { $0 } }

  private static let additions = Mutex<[Entry]>([])

  private static let builtIn: [Section] = [
    Section(title: "How well the network does", entries: performance),
    Section(title: "How the network is", entries: networkState),
    Section(title: "How the network moves", entries: updateMeasures),
    Section(title: "What its units and features do", entries: featureMeasures),
    Section(title: "What its gradients and curvature are", entries: gradientMeasures),
    Section(title: "Agents in environments", entries: agentMeasures),
    Section(title: "What it costs", entries: cost),
  ]

  /// The metric's title, or its own name with spaces where it is not in the glossary.
  public var title: String { entry?.title ?? name.split(separator: "_").joined(separator: " ") }
}

/// A metric that is defined twice.
public struct GlossaryError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The metric.
  public let metric: Metric
  /// One sentence.
  public var description: String {
    "metric \(metric) is in the glossary already; record the added one under another name"
  }
}

/// Phrases that several definitions share.
enum Moments {
  static let taskEnd = "after the last update of each task, before its successor begins"
  static let measured =
    "at every measured update: task ends and every `recording.everyUpdates` updates"
  static let diagnosed =
    "where `recording.diagnostics` names it: at task ends and every `recording.diagnosticsEveryUpdates` updates"
  static let evaluated = "at task ends and every `recording.evaluateEveryUpdates` updates"
  static let rated =
    "at measured updates of supervised recipes; it differs between equal runs"
  static let rounds = "at the end of each visit and every `recording.everyRounds` rounds"
}

/// What several definitions are taken over.
enum Subjects {
  static let probes = "the probe inputs"
  static let machine =
    "the updates since the last point; evaluations and checkpoints take no part of their time"
  static let units =
    "the outputs of all nonlinearities over the task's first 512 examples, or all if fewer; by scope, one layer"
  static let weights =
    "all weights as one vector, and each by its name: everything but biases, scales and offsets; a frozen parameter "
    + "takes no part"
  static let parameters = "all trainable parameters as one vector; by scope, one parameter"
}
