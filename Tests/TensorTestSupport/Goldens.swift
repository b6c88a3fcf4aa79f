public import Foundation
public import Torch

/// Tensors that another implementation computed, from `Goldens/<name>.safetensors` of a test
/// target's resources (declared as `resources: [.copy("Goldens")]`).
///
///     let goldens = try Goldens("operators", in: .module)
///     expectClose(x.relu(), try goldens["relu/out"])
public struct Goldens {
  private let file: SafetensorsFile

  /// Opens a file.
  ///
  /// - Throws: `SafetensorsError` when it is missing or damaged.
  public init(_ name: String, in bundle: Bundle) throws {
    let folder = bundle.resourceURL ?? bundle.bundleURL
    file = try SafetensorsFile(reading: folder.appending(path: "Goldens/\(name).safetensors"))
  }

  /// Every name in the file.
  public var names: [String] { file.names }

  /// What the script recorded, such as the versions it ran with.
  public var metadata: [String: String] { file.metadata }

  /// The tensor of a name.
  public subscript(name: String) -> Tensor {
    get throws { try file.tensor(name) }
  }
}
