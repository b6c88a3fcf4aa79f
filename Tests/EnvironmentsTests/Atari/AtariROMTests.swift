#if Arcade
  import Arcade
  import Foundation
  import Environments
  import TestSupport
  import Testing

  @Suite("Images of Atari games")
  struct AtariROMTests {
    private func refusal(of name: String, in folder: URL) throws -> String {
      let game = try AtariGame(named: name)
      let error = #expect(throws: EnvironmentError.self) {
        try AtariEnvironment(game, folder: folder)
      }
      return error?.description ?? ""
    }

    @Test(
      "A missing, an altered, an empty and another game's image are told apart, by the file's name")
    func badImages() throws {
      try withTemporaryFolder { folder in
        let missing = try refusal(of: "pong", in: folder)
        #expect(missing.contains("pong.bin") && missing.contains("missing"))

        var image = try Data(contentsOf: AtariROMs.folder.appending(path: "pong.bin"))
        image[100] ^= 1
        try image.write(to: folder.appending(path: "pong.bin"))
        let altered = try refusal(of: "pong", in: folder)
        #expect(altered.contains("pong.bin") && altered.contains("altered"))
        #expect(altered.contains("60e0ea3cbe0913d39803477945e9e5ec"))

        try Data().write(to: folder.appending(path: "pong.bin"))
        #expect(try refusal(of: "pong", in: folder).contains("empty"))

        try FileManager.default.copyItem(
          at: AtariROMs.folder.appending(path: "breakout.bin"),
          to: folder.appending(path: "tennis.bin"))
        #expect(try refusal(of: "tennis", in: folder).contains("the image of breakout"))
      }
    }

    @Test("An image that became another's after it was looked at is not played")
    func exchanged() throws {
      let pong = try AtariGame(named: "pong")
      let other = AtariROMs.folder.appending(path: "breakout.bin")
      let options = AtariEmulator.Options(
        seed: 1, repeatActionProbability: 0, luma: (0.3, 0.6, 0.1), pooledFrames: 1, height: 84,
        width: 84, minimalActions: true)
      let error = #expect(throws: ArcadeError.self) {
        try AtariEmulator(pong, options, image: other)
      }
      #expect(error?.reason.contains("expected the MD5 sum \(pong.md5)") == true)
    }

    @Test("A good image in another folder is played")
    func otherFolder() throws {
      try withTemporaryFolder { folder in
        try FileManager.default.copyItem(
          at: AtariROMs.folder.appending(path: "pong.bin"),
          to: folder.appending(path: "pong.bin"))
        var world = try AtariEnvironment(try AtariGame(named: "pong"), folder: folder)
        _ = try world.reset()
        #expect(world.manifest.romMD5 == "60e0ea3cbe0913d39803477945e9e5ec")
      }
    }

    @Test("All 104 images are there, unaltered")
    func allImages() throws {
      for game in AtariGame.all { _ = try AtariEnvironment(game) }
    }
  }
#endif
