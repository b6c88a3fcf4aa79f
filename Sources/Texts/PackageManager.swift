import Foundation

/// The system's way of installing packages.
package enum PackageManager {
  private static let known = [
    ("apt-get", "apt-get install -y"), ("dnf", "dnf install -y"), ("zypper", "zypper install -y"),
    ("pacman", "pacman -S"), ("apk", "apk add"),
  ]

  /// The first file of a name on the search path that may be executed.
  package static func path(
    of name: String, in environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String? {
    (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// The command that installs a package here, as root where that is needed.
  package static func command(
    installing package: String,
    environment: [String: String] = ProcessInfo.processInfo.environment,
    isRoot: Bool = geteuid() == 0
  ) -> String {
    func isHere(_ name: String) -> Bool {
      path(of: name, in: environment) != nil
    }
    if isHere("brew") { return "brew install \(package)" }
    let command = known.first { isHere($0.0) }?.1
    guard let command else { return "install \(package) with this system's package manager" }
    return (isRoot ? "" : "sudo ") + "\(command) \(package)"
  }
}
