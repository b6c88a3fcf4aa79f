import Environments
import Foundation
import Reinforcement
import TestSupport
import Testing

@Suite struct PlayTests {
  private static let small = [
    "--set", "environments.framesPerVisit=60", "--set", "agent.learningStarts=20", "--threads", "1",
  ]

  @Test func `a run plays a video, and without ffmpeg PNG files with a warning`() throws {
    try withProgram { nap in
      let trained = try nap.run(
        ["train", "control", "--preset", "gridworld", "--name", "small"] + Self.small)
      #expect(trained.code == 0, "\(trained.errors)")
      let video = nap.runs.appendingPathComponent("video.gif").path
      if Video.installedEncoder != nil {
        let played = try nap.run([
          "play", "small", "-o", video, "--environment", "3", "--episodes", "2",
        ])
        #expect(played.code == 0, "\(played.errors)")
        #expect(played.output.contains("episode 1  return "))
        #expect(played.errors.contains("1 image\n") && !played.errors.contains(" 0.000 frames"))
        #expect(try Data(contentsOf: URL(filePath: video)).starts(with: Data("GIF8".utf8)))
      }
      var bare = nap
      bare.environment["PATH"] = "/nowhere"
      let frames = nap.runs.appendingPathComponent("video")
      let played = try bare.run(["play", "small", "-o", video, "--json"])
      #expect(played.code == 0, "\(played.errors)")
      #expect(played.errors.contains("ffmpeg") && played.errors.contains("video"))
      let names = try FileManager.default.contentsOfDirectory(atPath: frames.path)
      #expect(names.contains("frame-000000.png"))
      let line = try #require(
        try JSONSerialization.jsonObject(with: Data(played.output.utf8)) as? [String: Any])
      #expect(line["steps"] as? Int == names.count - 1)
      let silent = try nap.run(["play", "small", "--no-video", "--seed", "4"])
      #expect(silent.code == 0 && !silent.errors.contains("video:"))
    }
  }

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(
        atPath: packageRoot.path + "/.deps/python/bin/python")))
  func `without NAP_PYTHON Gymnasium's environments take the Python that make setup made`() throws {
    try withProgram { nap in
      var bare = nap
      bare.environment = ["NAP_PYTHON": "", "PATH": "/nowhere"]
      let arguments =
        ["train", "control", "--preset", "cartpole", "--env", "gymnasium:CartPole-v1"] + Self.small
      let trained = try bare.run(arguments)
      #expect(trained.code == 0, "\(trained.errors)")
      bare.environment["NAP_PYTHON"] = "/nowhere/python"
      let refused = try bare.run(arguments)
      #expect(refused.code == 3 && refused.errors.contains("/nowhere/python"), "\(refused.errors)")
    }
  }

  @Test func `bad runs, files and options of play are refused in words`() throws {
    try withProgram { nap in
      for (arguments, words, code) in [
        (["play", "nobody"], "there is no store", 3),
        (["play", "x.safetensors"], "x.safetensors", 3),
        (["play", "run", "-o", "video.avi"], ".mp4 or .gif", 2),
        (["play", "run", "--episodes", "0"], "--episodes 0", 2),
        (["play", "run", "--rate", "0"], "--rate 0", 2),
      ] as [([String], String, Int32)] {
        let result = try nap.run(arguments)
        #expect(result.code == code && result.errors.contains(words), "\(result.errors)")
      }
    }
  }

  @Test func `environments are named on the command line, and bad names answered`() throws {
    try withProgram { nap in
      let trained = try nap.run(
        [
          "train", "control", "--env", "gridworld,gridworld", "--preset", "gridworld", "--name",
          "two",
        ]
          + Self.small)
      #expect(trained.code == 0, "\(trained.errors)")
      let shown = try nap.run(["runs", "show", "two"]).output
      #expect(shown.contains(#""names":["gridworld","gridworld"]"#), "\(shown)")
      #expect(shown.contains("Gridworld.actions = 4"), "\(shown)")
      for (arguments, words) in [
        (["train", "control", "--env", "gridwrold"], "--env gridwrold"),
        (["train", "control", "--env", "atari:pogn"], "pong"),
        (["play", "two", "--environment", "99"], "--environment '99'"),
        (
          ["train", "control", "--preset", "gridworld", "--set", "agent.replay.capacity=0"],
          "agent.replay.capacity must be"
        ),
        (
          ["train", "control", "--preset", "gridworld", "--set", "agent.network.hiddenWidth=0"],
          "agent.network.hiddenWidth must be"
        ),
        (["train", "random-labels", "--env", "cartpole"], "random-labels has no environments"),
        (
          ["train", "control", "--env", "cartpole", "--set", "environments.names=gridworld"],
          "given twice"
        ),
      ] {
        let result = try nap.run(arguments)
        #expect(result.code == 2 && result.errors.contains(words), "\(result.errors)")
      }
    }
  }
}
