internal import CTorch

extension Machine {
  /// The file that libtorch was loaded from; empty when the system does not say.
  public static var libtorchPath: String { String(cString: nap_libtorch_path()) }

  /// A library that libtorch computes with.
  public struct KernelLibrary: Hashable, Sendable {
    /// `oneDNN`, `MKL`, `OpenMP` or `vector instructions`.
    public let name: String
    /// The version; for vector instructions the widest set in use, such as `AVX512`. `nil` when this
    /// libtorch was built without it.
    public let version: String?
  }

  /// What this libtorch computes with on this processor.
  public static var kernelLibraries: [KernelLibrary] {
    String(cString: nap_libtorch_libraries()).split(separator: "\n").map { line in
      let fields = line.split(separator: "\t", maxSplits: 1).map(String.init)
      return KernelLibrary(
        name: fields.first ?? "", version: version(in: fields.count > 1 ? fields[1] : ""))
    }
  }

  /// The version in a library's own sentence: the first word with a digit, less a leading `v` and a
  /// product name; the whole sentence when there is none.
  static func version(in words: String) -> String? {
    if words.isEmpty || words.lowercased().hasSuffix("not found") { return nil }
    let versions = words.split(separator: " ").first { word in
      (word.first == "v" ? word.dropFirst() : word).first?.isNumber == true
    }
    guard let found = versions else { return words }
    let number = found.first == "v" ? found.dropFirst() : found
    return String(number.prefix { $0 != "-" })
  }
}
