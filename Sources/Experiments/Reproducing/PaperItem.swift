import Texts

/// A figure or table of the paper (arXiv 2407.01800): how it is made here, what is shown so far, and what is missing.
package struct PaperItem: Sendable, Hashable {
  /// The word on the command line, such as `figure-1`.
  package var name: String
  /// What it is of.
  package var title: String
  /// Arguments of `nap compare` for the size that comes nearest to the paper's.
  package var full: [[String]]
  /// Arguments for a size that ends on a laptop: it shows that everything works, and little more.
  package var small: [[String]]
  /// What our runs have shown, in a sentence.
  package var shown: String
  /// The folder of the evidence in the repository; empty where there is none.
  package var evidence: String
  /// What is missing for the paper's own claim.
  package var missing: String

  /// The arguments of a size.
  package func commands(isSmall: Bool) -> [[String]] { isSmall ? small : full }

  /// Every figure and table, in the paper's order. Set-ups are those of METHOD 3, which names the sources; what no
  /// source says is the preset's choice.
  package static let all: [PaperItem] = [
    PaperItem(
      name: "figure-1",
      title: "random labels, task after task: loss, Jacobian norm, parameter norm",
      full: [
        words("random-labels --preset seed-500 --arms plain,norm,nap,fresh,fresh-norm --seeds 5")
      ],
      small: [words("random-labels --preset demo")],
      shown:
        "a multilayer perceptron on 512 images over 500 tasks: NaP keeps learning, plain, norm and project stop; "
        + "a norm with a small L2 penalty does better",
      evidence: "Results/random-labels",
      missing: "the convolutional network over 500 tasks on all images, which takes a GPU"),
    PaperItem(
      name: "figure-2", title: "dead units under three optimizers and three normalizations",
      full: [words("dead-units --preset figure --seeds 3")],
      small: [
        words(
          "dead-units --preset quick --arms sgd,sgd+layer,adam,adam+rms,adam+layer,adam+nap --seeds 1"
        )
      ],
      shown:
        "1,000 images of MNIST, ten tasks: with LayerNorm dead units come back, with RMSNorm many do not",
      evidence: "Results/dead-units", missing: "5,000 images, networks of 1,024 units and 90 tasks"),
    PaperItem(
      name: "figure-3", title: "rescaled learning rates beside the projection",
      full: ["exact", "epsilon", "momentum", "adam"].map {
        words("rescaling --preset \($0) --seeds 5")
      },
      small: [words("rescaling --preset exact --seeds 1")],
      shown:
        "layer-wise rescaling is the projection to 4e-14; one global factor is not close to it here",
      evidence: "Results/rescaling",
      missing: "the paper's task and optimizer, which no source names"),
    PaperItem(
      name: "figure-4",
      title: "implicit schedules in Rainbow: norm, NaP at a constant rate, NaP with a linear decay",
      full: [
        words(
          "atari --preset zoo --arms norm,nap,nap+linear --seeds 5 "
            + "--games breakout,freeway,pong,seaquest,space_invaders")
      ],
      small: [words("control --preset cartpole --arms norm,nap,nap+linear --seeds 1")],
      shown: "CartPole alone, where no arm is ahead and the schedule does not help",
      evidence: "Results/control",
      missing: "real games, whose names no source gives, at 200M frames: days of a GPU a run"),
    PaperItem(
      name: "figure-5", title: "baseline methods without and with NaP",
      full: [
        words(
          "random-labels --preset paper --arms plain,nap --seeds 3 "
            + "--methods none,redo,l2-initial,noisy-updates,leaky-relu,shrink-perturb,l2"),
        words(
          "random-labels --preset paper --set network=cnn --arms plain,nap --seeds 3 "
            + "--methods none,redo,l2-initial,noisy-updates,leaky-relu,shrink-perturb,l2"),
      ],
      small: [
        words(
          "random-labels --preset short --set tasks=6 --arms plain,nap --seeds 1 "
            + "--methods none,redo,l2-initial,noisy-updates,leaky-relu,shrink-perturb,l2")
      ],
      shown:
        "23 methods over 30 tasks of 150 updates: the spread shrinks with NaP, 7 methods do worse with it",
      evidence: "Results/baselines", missing: "200 tasks of 100,000 updates on all images: days"),
    PaperItem(
      name: "table-1", title: "stationary benchmarks: images and language",
      full: [
        words("cifar --preset paper --arms plain,norm,nap --seeds 3"),
        words("imagenet --preset paper --arms plain,norm,nap --seeds 1"),
        words("language --preset 400M --arms plain,norm,nap --seeds 1"),
      ],
      small: [
        words("cifar --preset smoke --arms plain,norm,nap --seeds 1"),
        words("language --preset smoke --arms plain,norm,nap --seeds 1"),
      ],
      shown: "nothing yet",
      evidence: "",
      missing:
        "CIFAR-10, ImageNet and a language model at size; the paper's C4, for which nap has texts of its own; "
        + "Lambada, SIQA and PIQA are scored by nap score"),
    PaperItem(
      name: "figure-6", title: "ten Atari games, one after another, twice",
      full: [
        words("sequential-atari --preset paper --arms plain,norm,nap+restart,fresh --seeds 3")
      ],
      small: [words("control --preset gridworld --arms plain,norm,nap,fresh --seeds 1")],
      shown: "a grid whose goal moves: NaP stays 0.377 below an agent that starts anew",
      evidence: "Results/control", missing: "the games at 20M frames a visit: days of a GPU a run"),
  ]

  /// An item by its name.
  ///
  /// - Throws: ``UsageError`` that lists the names.
  package static func named(_ name: String) throws(UsageError) -> PaperItem {
    guard let item = all.first(where: { $0.name == name }) else {
      throw UsageError(
        "there is no '\(Excerpt.of(name))' to reproduce; expected one of \(all.map(\.name).joined(separator: ", "))"
      )
    }
    return item
  }

  private static func words(_ text: String) -> [String] {
    text.split(separator: " ").map(String.init)
  }
}
