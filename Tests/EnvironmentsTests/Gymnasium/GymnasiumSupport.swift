import Environments
import Foundation
import TestSupport

/// What the tests of the Gymnasium bridge share.
enum Gymnasium {
  /// Whether the tests' Python has Gymnasium and MinAtar.
  static let isInstalled = Python.has("gymnasium, minatar")

  static var python: String { Python.executable.path }

  static func world(_ configuration: GymnasiumConfiguration, seed: UInt32 = 1) throws
    -> GymnasiumEnvironment
  {
    try GymnasiumEnvironment(configuration, seed: seed, python: python)
  }

  /// An environment of a module written for a test, found through the search path that the module's folder is put on.
  ///
  /// - Parameter body: the methods of a `gymnasium.Env`, as Python.
  static func custom(
    _ body: String, timeout: Double = 30, in folder: URL, arguments: String = "{}"
  ) throws -> GymnasiumConfiguration {
    let module = "nap_test_\(UUID().uuidString.prefix(8).lowercased())"
    let text = """
      import os, sys, time
      import numpy, gymnasium
      from gymnasium import spaces

      class World(gymnasium.Env):
          action_space = spaces.Discrete(2)
          observation_space = spaces.Box(0, 255, (3,), numpy.uint8)
          def reset(self, *, seed=None, options=None):
              super().reset(seed=seed)
              self.count = 0
              return self.seen(), {}
          def seen(self):
              return numpy.full(3, self.count, numpy.uint8)
          def step(self, action):
              self.count += 1
              return self.seen(), 0.5, False, False, {}
      \(body.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))

      gymnasium.register(id="NapTest-v0", entry_point=World, max_episode_steps=10)
      """
    try Data(text.utf8).write(to: folder.appending(path: "\(module).py"))
    // A path in the id's module would not do: the module is found through a finder that a wrapper of Python sets.
    let wrapper = folder.appending(path: "python-\(module)")
    let script = "#!/bin/sh\nPYTHONPATH='\(folder.path)' exec '\(python)' \"$@\"\n"
    try Data(script.utf8).write(to: wrapper)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: wrapper.path)
    return GymnasiumConfiguration(
      id: "\(module):NapTest-v0", arguments: arguments, stepTimeout: timeout)
  }

  /// The environment of a configuration that ``custom(_:timeout:in:arguments:)`` made.
  static func world(custom configuration: GymnasiumConfiguration, in folder: URL) throws
    -> GymnasiumEnvironment
  {
    let module = configuration.id.prefix { $0 != ":" }
    return try GymnasiumEnvironment(
      configuration, seed: 1, python: folder.appending(path: "python-\(module)").path)
  }

  /// Whether a process is there, a zombie not counted.
  static func isAlive(_ process: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else {
      return false
    }
    return text.split(separator: ")").last?.split(separator: " ").first != "Z"
  }

  /// Waits until a process is gone; whether it went.
  static func goes(_ process: Int32, within seconds: Double = 5) -> Bool {
    let limit = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < limit {
      if !isAlive(process) { return true }
      usleep(5000)
    }
    return false
  }
}
