import Networks
import Testing
import Torch

/// METHOD section 2, T8: normalization lets gradient reach units that are dead.
@Suite("A dead unit's gradient comes through the shared statistics")
struct DeadUnitTests {
  // B examples, D units
  let pre_BD = TestNetwork.input([16, 12], seed: 31)
  let upstream_BD = TestNetwork.input([16, 12], seed: 32)

  /// The gradient of Σ upstream ⊙ relu(normalize(h)) with respect to h.
  func gradient(_ normalize: (Tensor) -> Tensor) -> Tensor {
    let leaf = pre_BD.requiringGradient()
    return gradients(of: (normalize(leaf).relu() * upstream_BD).sum(), withRespectTo: [leaf])[0]
  }

  /// a = δ ⊙ 1[y > 0] and the units whose y is negative.
  func active(_ normal_BD: Tensor) -> (a_BD: Tensor, isDead_BD: Tensor) {
    let alive = normal_BD.greater(than: 0.0)
    return (upstream_BD * alive.converted(to: .float64), alive.logicalNot())
  }

  func deadShare(_ gradient_BD: Tensor, _ isDead_BD: Tensor) -> (dead: Int, reached: Int) {
    let reached = gradient_BD.notEqual(to: 0.0).logicalAnd(isDead_BD)
    return (isDead_BD.sum().integerItem, reached.sum().integerItem)
  }

  @Test("T8, no norm: the gradient is a, exactly zero for a dead unit")
  func noNorm() {
    let (a_BD, isDead_BD) = active(pre_BD)
    let found_BD = gradient { $0 }
    #expect(found_BD.isIdentical(to: a_BD) || gap(found_BD, a_BD) == 0)
    let share = deadShare(found_BD, isDead_BD)
    #expect(share.dead > 50 && share.reached == 0)
  }

  @Test("T8, RMSNorm: (√d/‖h‖)(a − h⟨a,h⟩/‖h‖²), which reaches every dead unit")
  func rms() {
    let size_B1 = pre_BD.squared().sum(axes: [1], keepAxes: true).squareRoot()
    let normal_BD = pre_BD / size_B1 * 12.0.squareRoot()
    let (a_BD, isDead_BD) = active(normal_BD)
    let inner_B1 = (a_BD * pre_BD).sum(axes: [1], keepAxes: true)
    let expected_BD =
      (a_BD - pre_BD * inner_B1 / size_B1.squared()) * (12.0.squareRoot() / size_B1)
    let norm = RMSNorm(epsilon: 0)
    let found_BD = gradient { norm($0) }
    #expect(gap(found_BD, expected_BD) < 1e-14)
    let share = deadShare(found_BD, isDead_BD)
    #expect(share.dead > 50 && share.reached == share.dead)
    // A dead unit's part is parallel to h: it shrinks or grows a negative h, it cannot turn its sign.
    let quotient_BD = found_BD / pre_BD
    let alongH_BD = inner_B1 * (-(12.0.squareRoot())) / (size_B1.squared() * size_B1)
    let off_BD = (quotient_BD - alongH_BD) * isDead_BD.converted(to: .float64)
    #expect(off_BD.absolute().maximum().item < 1e-12)
  }

  @Test("T8, LayerNorm: with u = h − mean, (√d/‖u‖)(a − mean(a) − u⟨a,u⟩/‖u‖²)")
  func layer() {
    let centered_BD = pre_BD - pre_BD.mean(axes: [1], keepAxes: true)
    let size_B1 = centered_BD.squared().sum(axes: [1], keepAxes: true).squareRoot()
    let (a_BD, isDead_BD) = active(centered_BD)
    let inner_B1 = (a_BD * centered_BD).sum(axes: [1], keepAxes: true)
    let expected_BD =
      (a_BD - a_BD.mean(axes: [1], keepAxes: true) - centered_BD * inner_B1 / size_B1.squared())
      * (12.0.squareRoot() / size_B1)
    let norm = LayerNorm(epsilon: 0)
    let found_BD = gradient { norm($0) }
    #expect(gap(found_BD, expected_BD) < 1e-14)
    let share = deadShare(found_BD, isDead_BD)
    #expect(share.dead > 50 && share.reached == share.dead)
  }
}
