import Environments
import Foundation
import TestSupport
import Testing

@Suite("What goes wrong in Python is said in one sentence", .enabled(if: Gymnasium.isInstalled))
struct GymnasiumFaultTests {
  @Test("A Python that is not there, and one without Gymnasium")
  func missing() throws {
    let cartPole = GymnasiumConfiguration(id: "CartPole-v1")
    let none = try #require(throws: GymnasiumError.self) {
      try GymnasiumEnvironment(cartPole, seed: 1, python: "/nowhere/python3")
    }
    #expect(
      none.description.contains("/nowhere/python3") && none.description.contains("NAP_PYTHON"))
    try withTemporaryFolder { folder in
      let bare = folder.appending(path: "python")
      let script = "#!/bin/sh\nexec '\(Gymnasium.python)' -S \"$@\"\n"
      try Data(script.utf8).write(to: bare)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: bare.path)
      let error = try #require(throws: GymnasiumError.self) {
        try GymnasiumEnvironment(cartPole, seed: 1, python: bare.path)
      }
      #expect(error.description.contains("-m pip install gymnasium"), "\(error)")
    }
  }

  @Test(
    "A mistyped id, a package that is not there, arguments and channels that cannot be",
    arguments: [
      (GymnasiumConfiguration(id: "CartPol-v1"), "did you mean CartPole-v1"),
      (GymnasiumConfiguration(id: "MinAtar/Brekout-v0"), "did you mean MinAtar/Breakout-v0"),
      (GymnasiumConfiguration(id: "nowhere_module:Thing-v0"), "nowhere_module"),
      (
        GymnasiumConfiguration(id: "CartPole-v1", arguments: "[1]"),
        "expected arguments as a JSON object"
      ),
      (GymnasiumConfiguration(id: "CartPole-v1", channels: 4), "images of three axes"),
      (GymnasiumConfiguration(id: "MinAtar/Seaquest-v0", channels: 4), "at least its own 10"),
    ])
  func refusals(configuration: GymnasiumConfiguration, words: String) throws {
    let error = try #require(throws: GymnasiumError.self) { try Gymnasium.world(configuration) }
    #expect(error.description.contains(words), "\(error)")
  }

  @Test(
    "An environment that writes into our channel is found out, whatever length it announces",
    arguments: [
      "def __getstate__(self):\n    os.write(3, b'b' + (5 << 40).to_bytes(8, 'little'))\n    return self.__dict__",
      "def __getstate__(self):\n    os.write(3, b'b' + b'\\xff' * 8)\n    return self.__dict__",
      "def __getstate__(self):\n    os.write(3, b'x' + (3).to_bytes(8, 'little') + b'yes')\n    return self.__dict__",
      "def __getstate__(self):\n    os.write(3, b'hello there')\n    return self.__dict__",
    ])
  func channel(body: String) throws {
    try withTemporaryFolder { folder in
      let configuration = try Gymnasium.custom(body, in: folder)
      var world = try Gymnasium.world(custom: configuration, in: folder)
      _ = try world.reset()
      let before = ProcessMemory.residentBytes
      let error = try #require(throws: GymnasiumError.self) { try world.savedState() }
      #expect("\(error)".contains("writes into the channel"), "\(error)")
      #expect(ProcessMemory.residentBytes - before < 64 << 20)
    }
  }

  @Test(
    "Spaces that could not be computed with are refused, whatever the process says of them",
    arguments: [
      ("[20000, 20000]", "float32", "2", "below 1 GiB"),
      ("[4294967296, 4294967296]", "uint8", "2", "below 1 GiB"),
      ("[0]", "uint8", "2", "at least one number"), ("[]", "uint8", "2", "at least one number"),
      ("[3]", "uint8", "5000000", "1 to 1,000,000 actions"),
      ("[3]", "uint8", "0", "1 to 1,000,000"),
    ])
  func spaces(shape: String, element: String, actions: String, words: String) throws {
    try withTemporaryFolder { folder in
      let hello =
        #"{"shape": \#(shape), "element": "\#(element)", "actions": \#(actions), "versions": {}}"#
      let script = """
        #!\(Gymnasium.python)
        import os, struct, time
        hello = b'\(hello)'
        os.write(3, b"h" + struct.pack("<Q", len(hello)) + hello)
        time.sleep(30)
        """
      let python = folder.appending(path: "python")
      try Data(script.utf8).write(to: python)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: python.path)
      let error = try #require(throws: GymnasiumError.self) {
        try GymnasiumEnvironment(GymnasiumConfiguration(id: "Any-v0"), seed: 1, python: python.path)
      }
      #expect("\(error)".contains(words), "\(error)")
    }
  }

  @Test("An exception in step names the exit status and the last lines; later calls throw too")
  func exception() throws {
    try withTemporaryFolder { folder in
      let configuration = try Gymnasium.custom(
        "def step(self, action):\n    raise RuntimeError('the wheel came off')", in: folder)
      var world = try Gymnasium.world(custom: configuration, in: folder)
      _ = try world.reset()
      for _ in 0..<2 {
        let error = try #require(throws: GymnasiumError.self) { try world.step(0) }
        guard case .ended(_, let status, let lines) = error else {
          Issue.record("\(error)")
          return
        }
        #expect(status == "exit status 1")
        #expect(lines.last == "RuntimeError: the wheel came off")
      }
    }
  }

  @Test("A killed process is named with its signal, and does not hang us")
  func killed() throws {
    var world = try Gymnasium.world(GymnasiumConfiguration(id: "CartPole-v1"))
    _ = try world.reset()
    kill(world.processIdentifier, SIGKILL)
    let error = try #require(throws: GymnasiumError.self) { try world.step(0) }
    #expect(error.description.contains("signal 9"), "\(error)")
  }

  @Test("A step that takes too long ends the process and says how long was waited")
  func timeout() throws {
    try withTemporaryFolder { folder in
      let configuration = try Gymnasium.custom(
        "def step(self, action):\n    print('thinking', flush=True)\n    time.sleep(60)",
        timeout: 0.5, in: folder)
      var world = try Gymnasium.world(custom: configuration, in: folder)
      _ = try world.reset()
      let error = try #require(throws: GymnasiumError.self) { try world.step(0) }
      #expect(error.description.contains("within 0.5 s") && error.description.contains("thinking"))
      #expect(!Gymnasium.isAlive(world.processIdentifier))
    }
  }

  @Test("Noise on standard output and error, more than a pipe holds, disturbs nothing")
  func noise() throws {
    try withTemporaryFolder { folder in
      let configuration = try Gymnasium.custom(
        """
        def step(self, action):
            self.count += 1
            os.write(1, b"k" * 100000 + b"\\n")
            print("e" * 100000, file=sys.stderr)
            return self.seen(), 0.5, False, False, {}
        """, in: folder)
      var world = try Gymnasium.world(custom: configuration, in: folder)
      _ = try world.reset()
      for index in 1...9 {
        #expect(try world.step(1).observation == .bytes([UInt8](repeating: UInt8(index), count: 3)))
      }
    }
  }

  @Test("A reward that is no number, an observation that is none or of another shape is refused")
  func brokenWorlds() throws {
    try withTemporaryFolder { folder in
      for (body, words) in [
        (
          "def step(self, action):\n    return self.seen(), float('nan'), False, False, {}",
          "finite reward"
        ),
        ("def step(self, action):\n    return self.seen()[:2], 0.0, False, False, {}", "(2,)"),
        (
          """
          observation_space = spaces.Box(0, 255, (3,), numpy.float32)
          def seen(self):
              return numpy.full(3, self.count if self.count < 1 else float('nan'), numpy.float32)
          """, "found NaN at place 0 after step 1 of the episode"
        ),
      ] {
        let configuration = try Gymnasium.custom(body, in: folder)
        var world = try Gymnasium.world(custom: configuration, in: folder)
        _ = try world.beginEpisode()
        var episode = EpisodeSummary()
        let error = #expect(throws: (any Error).self) { try world.take(0, in: &episode) }
        #expect("\(error as Any)".contains(words), "\(error as Any)")
      }
    }
  }
}
