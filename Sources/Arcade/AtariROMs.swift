#if Arcade
  import CArcade
  public import Foundation

  /// Where the images of the games lie.
  public enum AtariROMs {
    /// `$NAP_ROMS`, or the folder that came with the emulator.
    public static var folder: URL {
      ProcessInfo.processInfo.environment["NAP_ROMS"].map { URL(filePath: $0) }
        ?? URL(filePath: String(cString: nap_arcade_roms()))
    }

    /// The version of the Arcade Learning Environment, such as `0.12.1`.
    public static var emulatorVersion: String { String(cString: nap_arcade_version()) }

    /// The game's image in `folder`, which must be there and unaltered.
    ///
    /// - Throws: an error that names the file, with the game that it holds where it is another's.
    static func image(of game: AtariGame, in folder: URL) throws(ArcadeError) -> URL {
      let file = folder.appending(path: "\(game.name).bin")
      var digest = [CChar](repeating: 0, count: 33)
      func exists() -> Bool { FileManager.default.fileExists(atPath: file.path) }
      let missing = ArcadeError(
        game: game,
        reason: "\(file.path): the game's image is missing; Tools/setup brings it, or NAP_ROMS "
          + "names the folder of images")
      // One look decides: a file that vanishes between two would be told as something else.
      var status = stat()
      guard stat(file.path, &status) == 0 else { throw missing }
      guard (status.st_mode & S_IFMT) == S_IFREG else {
        throw ArcadeError(
          game: game, reason: "\(file.path): expected the game's image, found what is no file")
      }
      guard nap_arcade_md5(file.path, &digest) == 0 else {
        throw exists() ? ArcadeError.last(game) : missing
      }
      let found = String(decoding: digest.prefix(32).map { UInt8(bitPattern: $0) }, as: UTF8.self)
      guard found == game.md5 else {
        let other = AtariGame.all.first { $0.md5 == found }
        throw ArcadeError(
          game: game,
          reason: "\(file.path): expected the MD5 sum \(game.md5), found \(found), "
            + (other.map { "the image of \($0.name)" } ?? "an altered or unknown image")
            + "; Tools/setup brings the right one")
      }
      return file
    }
  }
#endif
