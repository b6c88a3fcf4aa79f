/// The datasets that the program knows.
public enum DatasetRegistry {
  /// All of them, in the order in which they are listed.
  public static let all: [DatasetDescription] =
    [cifar10, cifar100, mnist, tinyShakespeare, debianTexts] + made

  /// The dataset of this name.
  ///
  /// - Throws: `DatasetError` (`unknownName`) that lists the names.
  public static func named(_ name: String) throws -> DatasetDescription {
    guard let found = all.first(where: { $0.name == name }) else {
      throw DatasetError(
        .unknownName, path: name, expected: "one of \(all.map(\.name).joined(separator: ", "))",
        found: "\"\(name)\"", remedy: "`nap data list` shows them all")
    }
    return found
  }

  /// 60,000 colour images of 10 classes.
  public static let cifar10 = DatasetDescription(
    name: "cifar-10", summary: "60,000 colour images of 32 x 32 in 10 classes (Krizhevsky 2009)",
    folder: "cifar-10-batches-bin", content: .cifar(.cifar10),
    downloads: [
      RemoteFile(
        name: "cifar-10-binary.tar.gz",
        addresses: cifarAddresses("cifar-10-binary.tar.gz"),
        byteCount: 170_052_171,
        sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd")
    ], officialCounts: [.train: 50_000, .test: 10_000])

  /// 60,000 colour images of 100 classes in 20 superclasses.
  public static let cifar100 = DatasetDescription(
    name: "cifar-100", summary: "60,000 colour images of 32 x 32 in 100 classes (Krizhevsky 2009)",
    folder: "cifar-100-binary", content: .cifar(.cifar100),
    downloads: [
      RemoteFile(
        name: "cifar-100-binary.tar.gz",
        addresses: cifarAddresses("cifar-100-binary.tar.gz"),
        byteCount: 168_513_733,
        sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec")
    ], officialCounts: [.train: 50_000, .test: 10_000])

  /// 70,000 grey images of handwritten digits.
  public static let mnist = DatasetDescription(
    name: "mnist", summary: "70,000 grey images of 28 x 28, handwritten digits (LeCun et al. 1998)",
    folder: "mnist", content: .mnist(.mnist),
    downloads: [
      mnistFile(
        "train-images-idx3-ubyte.gz", 9_912_422,
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
      mnistFile(
        "train-labels-idx1-ubyte.gz", 28_881,
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
      mnistFile(
        "t10k-images-idx3-ubyte.gz", 1_648_877,
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
      mnistFile(
        "t10k-labels-idx1-ubyte.gz", 4_542,
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ], officialCounts: [.train: 60_000, .test: 10_000])

  /// Plays by Shakespeare, 1.1 MB.
  public static let tinyShakespeare = DatasetDescription(
    name: "tiny-shakespeare",
    summary: "1.1 MB of Shakespeare's plays as plain text (Karpathy 2015)",
    folder: "text", content: .text(fileName: "tinyshakespeare.txt"),
    downloads: [
      RemoteFile(
        name: "tinyshakespeare.txt",
        addresses: [
          "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/"
            + "tinyshakespeare/input.txt"
        ], byteCount: 1_115_394,
        sha256: "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed")
    ])

  /// The built-in images; the list is empty only if their defaults were outside their own limits.
  private static let made: [DatasetDescription] = [try? ProceduralImages()].compactMap { $0 }.map {
    DatasetDescription(
      name: "procedural", summary: "built-in images of stripes and blobs in 10 classes; no files",
      folder: "", content: .procedural($0), downloads: [],
      officialCounts: [.train: 10_000, .test: 2_000])
  }

  /// The author's server, and a copy of the same bytes in an object store.
  private static func cifarAddresses(_ name: String) -> [String] {
    [
      "https://www.cs.toronto.edu/~kriz/" + name,
      "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/" + name,
    ]
  }

  private static func mnistFile(_ name: String, _ byteCount: Int, _ sha256: String) -> RemoteFile {
    RemoteFile(
      name: name,
      addresses: [
        "https://ossci-datasets.s3.amazonaws.com/mnist/" + name,
        "https://storage.googleapis.com/cvdf-datasets/mnist/" + name,
      ], byteCount: byteCount, sha256: sha256)
  }
}
