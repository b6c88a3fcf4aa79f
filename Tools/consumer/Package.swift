// swift-tools-version: 6.2
import PackageDescription

// A package that uses nap as any other would: by version, from a git address. Tools/tests/consumer fills in the address
// and the version of the commit under test.
let package = Package(
  name: "consumer",
  dependencies: [.package(url: "file:///ADDRESS", exact: "0.0.0")],
  targets: [
    .executableTarget(
      name: "Consumer",
      dependencies: [
        .product(name: "Torch", package: "nap"), .product(name: "Networks", package: "nap"),
        .product(name: "NormalizeAndProject", package: "nap"),
        .product(name: "Training", package: "nap"),
      ])
  ]
)
