// swift-tools-version: 6.2
import PackageDescription

let products = ["Torch", "Networks", "Plasticity", "Environments", "Experiments", "NapCommand"]
let package = Package(
  name: "own-nap", dependencies: [.package(url: "file:///ADDRESS", exact: "0.0.0")],
  targets: [
    .executableTarget(
      name: "own-nap", dependencies: products.map { .product(name: $0, package: "nap") })
  ])
