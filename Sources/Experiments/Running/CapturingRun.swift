import Synchronization

/// A run that can replay its updates as recorded work of a GPU.
public protocol CapturingRun {
  /// What of an update is not replayed, and why, as a sentence; `nil` while all is, or may be.
  var captureProblem: String? { get }
}

/// Whether runs of this process record their updates on a GPU, to compute the same.
public enum CaptureChoice {
  private static let choice = Atomic(false)

  /// Whether they do; off at first. To be set before a run begins.
  public static var isOn: Bool {
    get { choice.load(ordering: .relaxed) }
    set { choice.store(newValue, ordering: .relaxed) }
  }
}
