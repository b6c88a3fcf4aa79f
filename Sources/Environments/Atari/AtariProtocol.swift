/// How a game is played and shown: every choice in which published Atari results differ.
public struct AtariProtocol: Sendable, Hashable, Codable {
  /// What the loss of a life means while the game continues.
  public enum LifeLoss: String, Sendable, Codable, CaseIterable {
    /// Nothing.
    case ignore
    /// What follows is worth nothing (``Step/isDiscountZero``), and the episode continues.
    case zeroDiscount
    /// The episode terminates; the next continues in the same game after one no-op.
    case terminal
  }

  /// Which actions an agent has.
  public enum ActionSet: String, Sendable, Codable, CaseIterable {
    /// Those that do something in the game.
    case minimal
    /// All 18 of the console.
    case full
  }

  /// Weights of red, green and blue in the grey of an observation.
  public struct Luma: Sendable, Hashable, Codable {
    /// Red's weight.
    public var red: Double
    /// Green's weight.
    public var green: Double
    /// Blue's weight.
    public var blue: Double

    /// Weights that should sum to 1.
    public init(red: Double, green: Double, blue: Double) {
      self.red = red
      self.green = green
      self.blue = blue
    }
  }

  /// The probability that the emulator keeps the last frame's action in place of the new one, at every frame.
  public var repeatActionProbability: Double
  /// What the loss of a life means.
  public var lifeLoss: LifeLoss
  /// The fewest no-op frames that begin a game.
  public var minimumNoOps: Int
  /// The most no-op frames that begin a game; the number is drawn uniformly.
  public var maximumNoOps: Int
  /// Frames after which a game is truncated, no-ops at its beginning not counted; `nil` for never.
  public var frameCap: Frames?
  /// Which actions there are.
  public var actionSet: ActionSet
  /// Frames for which an action is held.
  public var actionRepeat: Int
  /// Last frames of a step of which an observation takes the brightest, per pixel and colour.
  public var pooledFrames: Int
  /// How colours become grey.
  public var luma: Luma
  /// Rows of an observation.
  public var height: Int
  /// Columns of an observation.
  public var width: Int
  /// Observations on which a decision is based.
  public var stack: Int
  /// Rewards of a step are summed and then clipped to ± this; `nil` for never.
  public var rewardClip: Double?

  enum CodingKeys: String, CodingKey {
    case repeatActionProbability, lifeLoss, minimumNoOps, maximumNoOps, frameCap, actionSet
    case actionRepeat, pooledFrames, luma, height, width, stack, rewardClip
  }

  /// Checks that the choices make sense together.
  ///
  /// - Throws: ``EnvironmentError`` that names the option.
  public func validate() throws {
    func demand(_ holds: Bool, _ reason: String) throws {
      if !holds { throw EnvironmentError("ALE", "the protocol's " + reason) }
    }
    try demand(
      (0..<1).contains(repeatActionProbability),
      "repeatActionProbability must be at least 0 and below 1, found \(repeatActionProbability)")
    try demand(
      minimumNoOps >= 0 && maximumNoOps >= minimumNoOps && maximumNoOps <= 10_000,
      "no-ops must be 0 ≤ minimumNoOps ≤ maximumNoOps ≤ 10000, found \(minimumNoOps) and "
        + "\(maximumNoOps)")
    try demand(
      (1...1_000).contains(actionRepeat), "actionRepeat must be 1 to 1000, found \(actionRepeat)")
    try demand(
      (1...1_000_000_000_000).contains(frameCap?.count ?? 1),
      "frameCap must be 1 to 10^12, or absent, found \(frameCap?.count ?? 0)")
    try demand(
      (1...min(actionRepeat, 64)).contains(pooledFrames),
      "pooledFrames must be 1 to actionRepeat (\(actionRepeat)), found \(pooledFrames)")
    try demand(
      (1...1_024).contains(height) && (1...1_024).contains(width),
      "height and width must be 1 to 1024, found \(height) and \(width)")
    try demand((1...64).contains(stack), "stack must be 1 to 64, found \(stack)")
    try demand(
      [luma.red, luma.green, luma.blue].allSatisfy { $0 >= 0 && $0 <= 1 },
      "luma weights must be 0 to 1, found \(luma.red), \(luma.green), \(luma.blue)")
    try demand(
      rewardClip.map { $0 > 0 && $0 <= 1e12 } ?? true,
      "rewardClip must be above 0 and at most 1e12, found \(rewardClip ?? 0)")
  }

  /// A raw reward, clipped where the protocol says so.
  func clipped(_ reward: Double) -> Double {
    guard let rewardClip else { return reward }
    return max(-rewardClip, min(rewardClip, reward))
  }
}
