public import Torch

/// `body(x) + shortcut(x)`, the shortcut being the input itself unless a sequence is given (He et al. 2016).
///
/// Input (B, …) to output of the body's shape, which is the shortcut's.
public struct Residual: BranchedLayer {
  /// What is added to the shortcut.
  public let body: Sequential
  /// What the input goes through beside the body; `nil` for nothing.
  public let shortcut: Sequential?

  /// A residual block.
  public init(_ body: Sequential, shortcut: Sequential? = nil) {
    self.body = body
    self.shortcut = shortcut
  }

  /// `body`, then `shortcut` when there is one.
  public var branches: [(name: String, sequence: Sequential)] {
    [("body", body)] + (shortcut.map { [("shortcut", $0)] } ?? [])
  }

  /// Whether the shortcut is the input.
  public var passesInputOn: Bool { shortcut == nil }

  /// The sum; the body is recomputed in the backward pass where ``ActivationCheckpointing`` says so.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    let added = ActivationCheckpointing.isOn ? body.recomputed(input) : body(input)
    return added + (shortcut?(input) ?? input)
  }

  /// The sum.
  public func joined(_ outputs: [Tensor], input: Tensor) -> Tensor {
    outputs[0] + (outputs.count > 1 ? outputs[1] : input)
  }

  /// The same block around other sequences.
  public func replacing(branches: [Sequential]) -> Residual {
    Residual(branches[0], shortcut: branches.count > 1 ? branches[1] : nil)
  }
}
