// swift-tools-version: 6.2
import PackageDescription

// Imports go only to lower rows (docs/decisions/0001). `Tests/ArchitectureTests` reads this file.
//
//   row 7   nap                    main.swift alone
//   row 6   NapCommand
//   row 5   Experiments            Dashboard              PlanService
//   row 4   Training
//   row 3   NormalizeAndProject    Plasticity   Reinforcement   Datasets   RunStore
//   row 2   Networks               Environments   Statistics
//   row 1   Torch                  Arcade
//   row 0   CTorch (over the system library CLibTorch)   CArcade (over CALE)   Texts
//           CImages (over CLibJPEG and CLibPNG)   CSentencePiece (over CLibSentencePiece)
//
// The trait Arcade brings the Arcade Learning Environment, which is GPL-2.0-only: off unless asked for.
//
// libtorch is found by pkg-config: `Tools/setup` writes .deps/pkgconfig/nap-libtorch.pc.

let swiftSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

/// A library; `embedded` are files of other languages that its binary carries, as `PackageResources`.
func library(_ name: String, _ dependencies: [Target.Dependency], embedded: [String] = [])
  -> Target
{
  .target(
    name: name, dependencies: dependencies, resources: embedded.map { .embedInCode($0) },
    swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = [])
  -> Target
{
  .testTarget(
    name: name, dependencies: dependencies + ["TestSupport"], resources: resources,
    swiftSettings: swiftSettings)
}

let package = Package(
  name: "nap",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Torch", targets: ["Torch"]),
    .library(name: "Arcade", targets: ["Arcade"]),
    .library(name: "Networks", targets: ["Networks"]),
    .library(name: "Environments", targets: ["Environments"]),
    .library(name: "NormalizeAndProject", targets: ["NormalizeAndProject"]),
    .library(name: "Plasticity", targets: ["Plasticity"]),
    .library(name: "Reinforcement", targets: ["Reinforcement"]),
    .library(name: "Datasets", targets: ["Datasets"]),
    .library(name: "RunStore", targets: ["RunStore"]),
    .library(name: "Statistics", targets: ["Statistics"]),
    .library(name: "Training", targets: ["Training"]),
    .library(name: "Experiments", targets: ["Experiments"]),
    .library(name: "NapCommand", targets: ["NapCommand"]),
    .executable(name: "nap", targets: ["nap"]),
    .executable(name: "nap-bench", targets: ["nap-bench"]),
  ],
  traits: [
    .trait(
      name: "Arcade",
      description: "Atari games through the Arcade Learning Environment, built by Tools/setup")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.14.0"),
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
  ],
  targets: [
    .systemLibrary(name: "CLibTorch", path: "Sources/CLibTorch", pkgConfig: "nap-libtorch"),
    .systemLibrary(
      name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CLZ4", path: "Sources/CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(
      name: "CLibJPEG", path: "Sources/CLibJPEG", pkgConfig: "libjpeg",
      providers: [.apt(["libjpeg-dev"])]),
    .systemLibrary(
      name: "CZstandard", path: "Sources/CZstandard", pkgConfig: "libzstd",
      providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(
      name: "CLibSentencePiece", path: "Sources/CLibSentencePiece", pkgConfig: "sentencepiece",
      providers: [.apt(["libsentencepiece-dev"])]),
    .systemLibrary(
      name: "CLibPNG", path: "Sources/CLibPNG", pkgConfig: "libpng",
      providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CALE", path: "Sources/CALE", pkgConfig: "nap-ale"),
    .target(name: "CTorch", dependencies: ["CLibTorch"]),
    .target(
      name: "CArcade",
      dependencies: [.target(name: "CALE", condition: .when(traits: ["Arcade"]))],
      cxxSettings: [.define("ARCADE", .when(traits: ["Arcade"]))]),
    .target(name: "CImages", dependencies: ["CLibJPEG", "CLibPNG"]),
    .target(name: "CSentencePiece", dependencies: ["CLibSentencePiece"]),
    library("Torch", ["CTorch", "Texts"]),
    library("Arcade", [.target(name: "CArcade", condition: .when(traits: ["Arcade"]))]),
    library("Networks", ["Torch", "Texts"]),
    library(
      "Environments", ["Torch", "Arcade", "CZlib", "Texts"],
      embedded: ["Gymnasium/gymnasium_program.py"]),
    library(
      "NormalizeAndProject", ["Networks", "Torch"], embedded: ["Export/pytorch_modules.py"]),
    library(
      "Plasticity",
      [
        "Networks", "Torch",
        .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    library(
      "Reinforcement",
      [
        "Environments", "Networks", "Torch", "CLZ4",
        .product(name: "DequeModule", package: "swift-collections"),
      ]),
    library(
      "Datasets",
      [
        "Torch", "Texts", "CImages", "CSentencePiece", "CZlib", "CZstandard",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "HeapModule", package: "swift-collections"),
      ]),
    library("Texts", []),
    library("Statistics", []),
    library(
      "RunStore",
      [
        "Statistics", "Texts", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "OrderedCollections", package: "swift-collections"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    library(
      "Training",
      [
        "NormalizeAndProject", "Plasticity", "Reinforcement", "Environments", "Networks", "Torch",
        "Texts",
      ]),
    library(
      "Experiments",
      [
        "Training", "NormalizeAndProject", "Plasticity", "Reinforcement", "Datasets", "RunStore",
        "Environments", "Networks", "Statistics", "Arcade", "Torch", "Texts",
        .product(name: "DequeModule", package: "swift-collections"),
      ],
      embedded: ["Configuration/settings.tsv"]),
    library(
      "Dashboard",
      [
        "RunStore", "Statistics", "Texts",
        .product(name: "OrderedCollections", package: "swift-collections"),
      ],
      embedded: ["Page/page.css", "Page/page.js"]),
    library(
      "PlanService",
      [
        "RunStore", "Texts", .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
      ]),
    library(
      "NapCommand",
      [
        "Experiments", "Dashboard", "PlanService", "Training", "RunStore", "Datasets",
        "NormalizeAndProject",
        "Plasticity", "Reinforcement", "Environments", "Networks", "Statistics", "Torch", "Texts",
        .product(name: "OrderedCollections", package: "swift-collections"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(name: "nap", dependencies: ["NapCommand"], swiftSettings: swiftSettings),
    .executableTarget(
      name: "nap-bench",
      dependencies: [
        "NormalizeAndProject", "Plasticity", "Reinforcement", "Datasets", "Environments",
        "Networks", "Arcade", "CSentencePiece", "Torch",
        .target(name: "CArcade", condition: .when(traits: ["Arcade"])),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Benchmarks/Steps", swiftSettings: swiftSettings),
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swiftSettings),
    .target(
      name: "TensorTestSupport",
      dependencies: ["TestSupport", "Networks", "Plasticity", "Environments", "Torch"],
      path: "Tests/TensorTestSupport", swiftSettings: swiftSettings),
    tests(
      "TorchTests", ["Torch", "Texts", "TensorTestSupport"], resources: [.copy("Goldens")]),
    tests(
      "NetworksTests", ["Networks", "Torch", "TensorTestSupport"], resources: [.copy("Goldens")]),
    tests(
      "NormalizeAndProjectTests",
      ["NormalizeAndProject", "Networks", "Torch", "TensorTestSupport"],
      resources: [.copy("Goldens")]),
    tests(
      "PlasticityTests",
      ["Plasticity", "NormalizeAndProject", "Networks", "Torch", "TensorTestSupport"],
      resources: [.copy("Goldens")]),
    tests(
      "EnvironmentsTests", ["Environments", "Arcade", "Torch", "TensorTestSupport"],
      resources: [.copy("Goldens")]),
    tests(
      "ReinforcementTests",
      [
        "Reinforcement", "Environments", "NormalizeAndProject", "Networks", "Torch",
        "TensorTestSupport",
      ],
      resources: [.copy("Goldens")]),
    tests(
      "DatasetsTests", ["Datasets", "Torch", "Texts", "CZstandard"], resources: [.copy("Goldens")]),
    tests("StatisticsTests", ["Statistics"], resources: [.copy("Goldens")]),
    tests(
      "RunStoreTests",
      [
        "RunStore", "Statistics", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    tests(
      "TrainingTests",
      [
        "Training", "NormalizeAndProject", "Plasticity", "Reinforcement", "Environments",
        "Networks", "Torch", "TensorTestSupport",
      ]),
    tests(
      "ExperimentsTests",
      [
        "Experiments", "Training", "RunStore", "Datasets", "NormalizeAndProject", "Plasticity",
        "Reinforcement", "Environments", "Arcade", "Networks", "Torch", "Texts",
        "TensorTestSupport",
      ],
      resources: [.copy("Goldens")]),
    tests("DashboardTests", ["Dashboard", "RunStore", "Statistics", "Texts"]),
    tests(
      "PlanServiceTests",
      [
        "PlanService", "RunStore", "Texts",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTesting", package: "hummingbird"),
        .product(name: "NIOCore", package: "swift-nio"),
      ]),
    tests(
      "napTests",
      [
        "nap", "NapCommand", "Experiments", "Training", "Networks", "Plasticity", "Reinforcement",
        "Environments", "Arcade", "RunStore", "Datasets", "Torch", "TensorTestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    tests("ArchitectureTests", []),
  ],
  cxxLanguageStandard: .cxx20
)
