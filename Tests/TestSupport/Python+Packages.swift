import Foundation

extension Python {
  /// Whether a package can be imported; says so where it cannot, so that a skipped test is seen.
  public static func has(_ package: String) -> Bool {
    let isThere = (try? run("import \(package)")) != nil
    if !isThere {
      print(
        "skipped: \(executable.path) has no \(package); run Tools/setup for the tests that need it")
    }
    return isThere
  }
}
