/// Weights with their sums in a binary tree, to draw an index in proportion to its weight.
///
/// Every inner node is computed as the sum of its two children, never changed by a difference, so the
/// nodes are a function of the leaves alone: a tree rebuilt from saved leaves equals the old one bit for
/// bit, and no rounding piles up over a long run. Leaves are float64, and so are the sums. A tree that grows
/// keeps its total, since the new leaves add zeros.
///
/// Cost: log2(count) for a change or a draw; 16 bytes a leaf, the number of leaves rounded up to a power
/// of two. Source of the idea: Schaul et al. 2016, "Prioritized Experience Replay", appendix B.2.1.
struct SumTree: Hashable, Sendable {
  /// The number of leaves in use.
  private(set) var count = 0
  /// Node 1 is the root, the children of k are 2k and 2k+1, leaf i is node `width` + i.
  private var nodes: [Double] = [0, 0]
  private var width = 1

  init() {}

  /// The tree of these leaves.
  init(leaves: some Collection<Double>) {
    var width = 1
    while width < leaves.count { width *= 2 }
    self.init(leaves: leaves, width: width)
  }

  /// The sum of all leaves.
  var total: Double { nodes[1] }

  /// The leaves in order.
  var leaves: ArraySlice<Double> { nodes[width..<width + count] }

  /// A leaf.
  subscript(index: Int) -> Double { nodes[width + index] }

  /// Sets a leaf, or adds one when `index` is ``count``.
  mutating func set(_ index: Int, to weight: Double) {
    precondition((0...count).contains(index) && weight >= 0 && weight.isFinite)
    if index == count {
      if count == width { grow() }
      count += 1
    }
    var node = width + index
    nodes[node] = weight
    while node > 1 {
      node /= 2
      nodes[node] = nodes[2 * node] + nodes[2 * node + 1]
    }
  }

  /// The leaf in whose share of 0 ..< ``total`` the number lies; never one of weight zero.
  ///
  /// - Precondition: the total is above 0 and `target` from 0 to it.
  func index(at target: Double) -> Int {
    precondition(total > 0, "index(at:): the tree has no weight")
    var (node, rest) = (1, target)
    while node < width {
      let (left, right) = (nodes[2 * node], nodes[2 * node + 1])
      // Rounding may carry a target past the last weight: an empty side is never entered.
      if right == 0 || (rest < left && left > 0) {
        node = 2 * node
      } else {
        rest -= left
        node = 2 * node + 1
      }
    }
    return node - width
  }

  private mutating func grow() {
    self = SumTree(leaves: leaves, width: 2 * width)
  }

  private init(leaves: some Collection<Double>, width: Int) {
    (count, self.width) = (leaves.count, width)
    nodes = [Double](repeating: 0, count: 2 * width)
    for (index, leaf) in leaves.enumerated() { nodes[width + index] = leaf }
    for node in stride(from: width - 1, through: 1, by: -1) {
      nodes[node] = nodes[2 * node] + nodes[2 * node + 1]
    }
  }
}
