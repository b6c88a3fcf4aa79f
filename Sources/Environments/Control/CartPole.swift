import Foundation
import Torch

/// A pole on a cart that must not fall: Gymnasium's CartPole-v1.
///
/// Two actions push the cart to the left (0) or to the right (1). Every step is worth 1, the last included; the
/// episode terminates when the cart leaves ±2.4 or the pole leans over ±12°, and is truncated after 500 steps. With
/// x the cart's position, θ the pole's angle, F = ±10 N, M = 1.1 kg altogether, m = 0.1 kg and l = 0.5 m (half the
/// length) of the pole, g = 9.8 m/s²:
///
///     u  = (F + m l θ'² sin θ) / M
///     θ″ = (g sin θ - u cos θ) / (l (4/3 - m cos² θ / M))
///     x″ = u - m l θ″ cos θ / M
///
/// and each of x, x', θ, θ' moves by 0.02 s times its derivative at the step's beginning (Euler). Dynamics are float64;
/// the observation (x, x', θ, θ') is float32.
///
/// Source: Barto, Sutton and Anderson 1983, "Neuronlike adaptive elements that can solve difficult learning control
/// problems", with the constants of Gymnasium 1.4.0, `classic_control/cartpole.py`. Deviation: the four numbers that
/// an episode begins with are uniform in ±0.05 as there, but drawn by this package's generator.
public struct CartPole: Environment, Sendable {
  /// Steps after which an episode is truncated.
  public static let stepLimit = 500

  /// Four numbers, two actions.
  public let specification = EnvironmentSpecification(
    name: "CartPole", observations: ObservationSpace(shape: [4], element: .float32), actionCount: 2)

  var body = Body()
  private var elapsed = 0
  private var isRunning = false
  private var generator: SeededGenerator

  /// An environment before its first episode.
  public init(seed: UInt64) {
    generator = SeededGenerator(seed: seed).split("cart-pole")
  }

  /// Begins an episode near the upright position.
  public mutating func reset() -> EpisodeStart {
    func draw() -> Double { -0.05 + 0.1 * generator.uniform() }
    body = Body(x: draw(), xVelocity: draw(), angle: draw(), angleVelocity: draw())
    elapsed = 0
    isRunning = true
    return EpisodeStart(body.observation)
  }

  /// Pushes the cart for 0.02 s.
  public mutating func step(_ action: Action) throws -> Step {
    let side = try specification.checkedIndex(action, isRunning: isRunning)
    body.push(force: side == 1 ? Body.force : -Body.force)
    elapsed += 1
    let end: EpisodeEnd? =
      body.hasFallen ? .terminated : elapsed >= Self.stepLimit ? .truncated : nil
    isRunning = end == nil
    return Step(observation: body.observation, reward: 1, end: end)
  }

  /// The cart on its track with the pole, 1 m as 50 pixels.
  public var image: RenderedImage? {
    var image = RenderedImage(width: 300, height: 120, RenderedImage.paper)
    let (x, ground) = (150 + 50 * body.x, 95)
    let cart = Int(x.rounded())
    image.fill(x: 0..<300, y: ground..<(ground + 1), RenderedImage.ink)
    image.fill(
      x: (cart - 16)..<(cart + 16), y: (ground - 14)..<ground, RenderedImage.planeColors[0])
    let foot = (x: x, y: Double(ground - 14))
    image.line(
      from: foot, to: (foot.x + 60 * sin(body.angle), foot.y - 60 * cos(body.angle)), thickness: 4,
      RenderedImage.planeColors[1])
    return image
  }

  private static let format = "cart-pole/1"

  /// The four numbers, the steps of the episode and the generator.
  public func savedState() throws -> EnvironmentState {
    let numbers = [body.x, body.xVelocity, body.angle, body.angleVelocity].map(\.bitPattern)
    let words = numbers + [UInt64(elapsed), isRunning ? 1 : 0] + (try generator.savedWords())
    return EnvironmentState(format: Self.format, words: words)
  }

  /// Continues from a saved state.
  public mutating func restore(_ state: EnvironmentState) throws {
    let words = try state.words(10, format: Self.format, environment: specification.name)
    generator = try SeededGenerator(savedWords: words[6...])
    let numbers = words[..<4].map(Double.init(bitPattern:))
    body = Body(
      x: numbers[0], xVelocity: numbers[1], angle: numbers[2], angleVelocity: numbers[3])
    elapsed = Int(truncatingIfNeeded: words[4])
    isRunning = words[5] == 1
  }

  /// Where cart and pole are and how fast they move: metres, radians, seconds.
  struct Body: Sendable {
    static let force = 10.0
    private static let gravity = 9.8
    private static let poleMass = 0.1
    private static let totalMass = 1.1
    private static let halfLength = 0.5
    private static let interval = 0.02
    private static let angleLimit = 12 * 2 * Double.pi / 360
    private static let positionLimit = 2.4

    var x = 0.0
    var xVelocity = 0.0
    var angle = 0.0
    var angleVelocity = 0.0

    mutating func push(force: Double) {
      let (sine, cosine) = (sin(angle), cos(angle))
      let leverage = Self.poleMass * Self.halfLength
      let shared = (force + leverage * (angleVelocity * angleVelocity) * sine) / Self.totalMass
      let angleAcceleration =
        (Self.gravity * sine - cosine * shared)
        / (Self.halfLength * (4.0 / 3.0 - Self.poleMass * (cosine * cosine) / Self.totalMass))
      let acceleration = shared - leverage * angleAcceleration * cosine / Self.totalMass
      x += Self.interval * xVelocity
      xVelocity += Self.interval * acceleration
      angle += Self.interval * angleVelocity
      angleVelocity += Self.interval * angleAcceleration
    }

    var hasFallen: Bool { abs(x) > Self.positionLimit || abs(angle) > Self.angleLimit }

    var observation: Observation {
      .floats([Float(x), Float(xVelocity), Float(angle), Float(angleVelocity)])
    }
  }
}
