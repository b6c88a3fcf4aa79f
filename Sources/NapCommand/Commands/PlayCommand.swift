import ArgumentParser
import Environments
import Experiments
import Foundation
import Reinforcement
import RunStore
import Texts

/// `nap play`.
struct PlayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "play",
    abstract: "Lets a trained agent play and records a video.",
    discussion: """
      nap play RUN                              one episode of the last checkpoint, as play.mp4
      nap play RUN -o breakout.gif --environment breakout --episodes 2
      nap play runs/RUN/checkpoint.safetensors -o frames/

      .mp4 and .gif need the program ffmpeg. Without it, or for a name without an ending, PNG files are \
      written to a folder. The agent acts as in evaluation: greedily, with noise, without learning.
      """)

  @Argument(help: "A run (identifier or name), or the path of a checkpoint.")
  var subject: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The video: .mp4, .gif, or a folder (default: play.mp4, or the folder play without ffmpeg).",
      valueName: "file"))
  var output: String?

  @Option(help: "Episodes to play.")
  var episodes = 1

  @Option(help: "The most frames of the environment to play; the last episode ends there.")
  var frames = 18_000

  @Option(
    help: ArgumentHelp(
      "The run's environment: its number in the sequence, from 0, or its name (default: that of the checkpoint).",
      valueName: "place"))
  var environment: String?

  @Option(help: .hidden)
  var world: String?

  @Option(help: "Seed of the episodes.")
  var seed = 0

  @Option(help: "Frames of video per second (default: the environment's own speed).")
  var rate: Double?

  @Option(help: "Enlarges each pixel by this factor (default: up to about 400 rows).")
  var scale: Int?

  @Flag(name: .customLong("no-video"), help: "Only plays and prints the returns; records no video.")
  var noVideo = false

  @Flag(name: .customLong("no-film"), help: .hidden)
  var noFilm = false

  private var recordsVideo: Bool { !noVideo && !noFilm }

  @Flag(help: "Writes one line of JSON per episode to standard output.")
  var json = false

  @OptionGroup var machine: MachineOptions
  @OptionGroup var runs: RunsOption

  func validate() throws {
    for (name, value) in [("episodes", episodes), ("frames", frames), ("scale", scale ?? 1)]
    where value < 1 {
      throw ValidationError("--\(name) \(value): expected at least 1")
    }
    if let scale, scale > 64 { throw ValidationError("--scale \(scale): expected at most 64") }
    if let rate, !(0.1...1_000).contains(rate) {
      throw ValidationError("--rate \(rate): expected 0.1 to 1000")
    }
    do {
      if let output, recordsVideo { _ = try Video.Format(path: output) }
    } catch {
      throw ValidationError("-o \(error)")
    }
  }

  func run() throws {
    Interruption.listen()
    try requireOutput()
    let device = try machine.prepare(most: 1)
    let (checkpoint, run) = try runs.lastCheckpoint(of: subject)
    let recorded = run?.manifest
    let player = try AgentPlayer(checkpoint: checkpoint, recorded: recorded, device: device)
    let place = try chosenPlace(player)
    let manifest = try player.manifest(place: place)
    for difference in recorded?.differences(from: manifest) ?? [] {
      Console.error("warning: it plays in another environment than it learned in: \(difference)")
    }
    Console.error(
      "\(player.environments[place].text): \(player.identity.arm) after \(player.identity.updates) rounds"
    )
    var video: Video?
    var progress = Progress(json ? .silent : Progress.automatic, unit: "frames")
    var (seen, played) = (0, 0)
    let episodes = try player.play(
      place: place, episodes: self.episodes, frames: Frames(frames), seed: seed
    ) { moment in
      if Interruption.isRequested { throw Failure.Abandoned(what: "the video is not complete") }
      if recordsVideo {
        if video == nil { video = try self.video(player.frameRate(place: place), moment.image) }
        try video?.add(moment.image)
      }
      seen += 1
      played += moment.step?.frames.count ?? 0
      progress.show(played, of: frames, "\(seen) frame\(seen == 1 ? "" : "s") of video")
    }
    progress.clear()
    let path = try video?.finish().path
    for (number, episode) in episodes.enumerated() {
      let score = episode.end == nil ? nil : player.score(episode.rawReturn, place: place)
      try show(number, episode, score, video: path, in: manifest)
    }
    if let path { Console.error("video: \(path)") }
  }

  /// Checks the place of the video before an episode is played. A folder for PNG files may exist.
  private func requireOutput() throws {
    guard let output, recordsVideo else { return }
    let isFolder = try Video.Format(path: output) == .frames
    try OutputFile.require(isFolder ? "\(output)/frame-000000.png" : output, option: "-o")
  }

  private func chosenPlace(_ player: AgentPlayer) throws(UsageError) -> Int {
    if world != nil {
      Console.error("note: --world is called --environment now; the old name works in this release")
    }
    guard let place = environment ?? world else { return player.place }
    do {
      return try player.place(of: place)
    } catch {
      throw UsageError("--environment \(error)")
    }
  }

  private func video(_ ownRate: Double, _ image: RenderedImage) throws -> Video {
    var path = output ?? (Video.installedEncoder == nil ? "play" : "play.mp4")
    if Video.installedEncoder == nil, try Video.Format(path: path) != .frames {
      path = URL(fileURLWithPath: path).deletingPathExtension().relativePath
      Console.error(
        "warning: the program ffmpeg is not on the search path: PNG files are written to the folder \(path); "
          + "for a video run `\(PackageManager.command(installing: "ffmpeg"))`"
      )
    }
    return try Video(
      at: URL(fileURLWithPath: path), rate: rate ?? ownRate,
      scale: scale ?? max(1, (400 + image.height - 1) / image.height))
  }

  private struct Line: Encodable {
    var episode: Int
    var rawReturn: Double
    var score: Double?
    var steps: Int
    var frames: Int
    var end: String?
    var video: String?
    /// The manifest: facts by name, by group.
    var `protocol`: [String: [String: String]]
  }

  private func show(
    _ number: Int, _ episode: EpisodeSummary, _ score: Double?, video: String?,
    in manifest: ProtocolManifest
  ) throws {
    let end = episode.end?.rawValue
    if json {
      let line = Line(
        episode: number, rawReturn: episode.rawReturn, score: score, steps: episode.steps.count,
        frames: episode.frames.count, end: end, video: video,
        protocol: manifest.groups)
      return Console.line(try JSONText.encode(line))
    }
    Console.line(
      "episode \(number)  return \(String(format: "%g", episode.rawReturn))"
        + (score.map { String(format: "  score %.3f", $0) } ?? "")
        + "  \(episode.steps.count) steps  \(end ?? "cut at --frames \(frames)")")
  }
}
