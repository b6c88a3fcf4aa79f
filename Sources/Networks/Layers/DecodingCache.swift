public import Torch

/// Keys and values of the positions that a causal network has read, so that a further position costs one position.
///
///     let cache = DecodingCache()
///     var logits_BTV = network.continued(prompt_BT, cache)      // all positions of the prompt
///     logits_BTV = network.continued(next_B1, cache)            // one more
///
/// A class, since every attention writes into it. It belongs to one network with the weights of one moment.
public final class DecodingCache {
  /// Positions that were read.
  public fileprivate(set) var length = 0
  fileprivate var entries: [[Int]: (keys_BGTD: Tensor, values_BGTD: Tensor)] = [:]

  /// An empty cache.
  public init() {}
}

extension Sequential {
  /// The output for positions that follow those in the cache, which then holds them, too.
  ///
  /// The same as the last positions of an output for all of them, to rounding. Every layer but attention and tables of
  /// positions must treat each position alone, and attention must be causal.
  ///
  /// - Parameters:
  ///   - input: int64 (B, T); any T for an empty cache, later on 1.
  ///   - cache: what was read before.
  /// - Cost: that of T positions, and reading the cache.
  public func continued(_ input: Tensor, _ cache: DecodingCache) -> Tensor {
    let length = input.shape[1]
    precondition(
      cache.length == 0 || length == 1,
      "\(length) positions follow \(cache.length) in a cache; after the first call it takes one at a time"
    )
    let output = withoutGradients { continued(input, path: [], cache) }
    cache.length += length
    return output
  }

  private func continued(_ input: Tensor, path: [Int], _ cache: DecodingCache) -> Tensor {
    var value = input
    for (index, element) in elements.enumerated() {
      let place = path + [index]
      switch element.layer {
      case let inner as Sequential: value = inner.continued(value, path: place, cache)
      case let branched as any BranchedLayer:
        let outputs = branched.branches.enumerated().map { number, branch in
          branch.sequence.continued(value, path: place + [number], cache)
        }
        value = branched.joined(outputs, input: value)
      case let attention as SelfAttention:
        value = attention.continued(value, at: place, cache)
      case let tables as TokenEmbedding: value = tables.vectors(value, from: cache.length)
      default: value = element.layer(value)
      }
    }
    return value
  }
}

extension SelfAttention {
  /// (B, T, F) to the same shape, attending to the cache's positions, too.
  fileprivate func continued(_ input: Tensor, at place: [Int], _ cache: DecodingCache) -> Tensor {
    precondition(isCausal, "attention that sees later positions cannot be continued")
    var keys_BGTD = keys(input, from: cache.length)
    var values_BGTD = values(input)
    if let earlier = cache.entries[place] {
      keys_BGTD = Tensor.concatenated([earlier.keys_BGTD, keys_BGTD], axis: 2)
      values_BGTD = Tensor.concatenated([earlier.values_BGTD, values_BGTD], axis: 2)
    }
    cache.entries[place] = (keys_BGTD, values_BGTD)
    return attended(
      queries: queries(input, from: cache.length), keys: keys_BGTD, values: values_BGTD,
      isCausal: cache.length == 0)
  }
}
