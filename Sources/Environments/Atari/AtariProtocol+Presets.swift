extension AtariProtocol {
  /// The protocol of DQN Zoo's agents, after the DQN paper.
  ///
  /// No sticky actions, the minimal actions, 1 to 30 no-ops, four frames a step, the maximum over the last two, grey by
  /// 0.299, 0.587 and 0.114, bilinear 84 x 84, four stacked, rewards clipped to ±1, a lost life sets the discount to
  /// zero, 108,000 frames a game at most. Early in a game zeros follow the frames that there are, as
  /// `trailing_zero_pad` has it.
  ///
  /// Source: DQN Zoo, `processors.py`, `gym_atari.py` and `rainbow/run_atari.py`. Deviation: where a game ends after
  /// one or two of a step's frames, DQN Zoo pools in empty screens and may show a black last observation; here it shows
  /// the last screens that there are. Nothing after an end is worth anything, so that only images differ.
  public static let dqnZoo = AtariProtocol(
    repeatActionProbability: 0, lifeLoss: .zeroDiscount, minimumNoOps: 1, maximumNoOps: 30,
    frameCap: 108_000, actionSet: .minimal, actionRepeat: 4, pooledFrames: 2, luma: .dqnZoo,
    height: 84, width: 84, stack: 4, rewardClip: 1)

  /// The evaluation protocol that Machado et al. recommend: sticky actions with probability 0.25, all 18 actions, the
  /// loss of a life not shown, no no-ops.
  ///
  /// Source: Machado et al. 2018, "Revisiting the Arcade Learning Environment", for those. Our choice, since the
  /// protocol leaves it to the agent: four frames a step, the cap of 108,000 frames, and what ``dqnZoo`` shows and
  /// clips.
  public static let machado2018 = AtariProtocol(
    repeatActionProbability: 0.25, lifeLoss: .ignore, minimumNoOps: 0, maximumNoOps: 0,
    frameCap: 108_000, actionSet: .full, actionRepeat: 4, pooledFrames: 2, luma: .dqnZoo,
    height: 84, width: 84, stack: 4, rewardClip: 1)

  /// The presets by name.
  public static let presets: [(name: String, value: AtariProtocol)] = [
    ("dqnZoo", dqnZoo), ("machado2018", machado2018),
  ]
}

extension AtariProtocol {
  /// Reads the name of a preset, or all choices.
  public init(from decoder: any Decoder) throws {
    if let name = try? decoder.singleValueContainer().decode(PresetName.self) {
      self = name == .dqnZoo ? .dqnZoo : .machado2018
      return
    }
    let values = try decoder.container(keyedBy: CodingKeys.self)
    repeatActionProbability = try values.decode(Double.self, forKey: .repeatActionProbability)
    lifeLoss = try values.decode(LifeLoss.self, forKey: .lifeLoss)
    minimumNoOps = try values.decode(Int.self, forKey: .minimumNoOps)
    maximumNoOps = try values.decode(Int.self, forKey: .maximumNoOps)
    frameCap = try values.decodeIfPresent(Frames.self, forKey: .frameCap)
    actionSet = try values.decode(ActionSet.self, forKey: .actionSet)
    actionRepeat = try values.decode(Int.self, forKey: .actionRepeat)
    pooledFrames = try values.decode(Int.self, forKey: .pooledFrames)
    luma = try values.decode(Luma.self, forKey: .luma)
    height = try values.decode(Int.self, forKey: .height)
    width = try values.decode(Int.self, forKey: .width)
    stack = try values.decode(Int.self, forKey: .stack)
    rewardClip = try values.decodeIfPresent(Double.self, forKey: .rewardClip)
  }

  private enum PresetName: String, Codable, CaseIterable {
    case dqnZoo, machado2018
  }
}

extension AtariProtocol.Luma {
  /// 0.299, 0.587 and what is left to 1, as DQN Zoo computes it (`processors.py`, `rgb2y`).
  public static let dqnZoo = Self(red: 0.299, green: 0.587, blue: 1 - (0.299 + 0.587))
}
