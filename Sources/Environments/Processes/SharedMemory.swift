import Foundation

/// Memory that two processes see: a file without a name, which goes when both have let go.
package final class SharedMemory {
  package let descriptor: Int32
  package private(set) var bytes: UnsafeMutableRawBufferPointer?

  /// A file.
  ///
  /// - Throws: ``Descriptors/Refusal``.
  package init() throws {
    let folder =
      access("/dev/shm", W_OK) == 0 ? "/dev/shm" : FileManager.default.temporaryDirectory.path
    // mkstemp replaces the six letters X by ones that make the name unique.
    var path = Array("\(folder)/nap-XXXXXX".utf8CString)
    let found = mkstemp(&path)
    guard found >= 0 else { throw Self.refusal("a file for shared memory in \(folder)") }
    unlink(&path)
    descriptor = try Descriptors.moved(found)
  }

  /// The file that another process made and gave to this one under a number.
  package init(descriptor: Int32) { self.descriptor = descriptor }

  /// Gives it a size, and shows it as ``bytes``.
  ///
  /// - Throws: ``Descriptors/Refusal``.
  package func map(_ size: Int) throws {
    guard ftruncate(descriptor, off_t(size)) == 0 else {
      throw Self.refusal("\(size) bytes of shared memory")
    }
    let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let start, start != MAP_FAILED else { throw Self.refusal("\(size) bytes to be mapped") }
    bytes = UnsafeMutableRawBufferPointer(start: start, count: size)
  }

  deinit {
    if let bytes { munmap(bytes.baseAddress, bytes.count) }
    close(descriptor)
  }

  private static func refusal(_ what: String) -> Descriptors.Refusal {
    Descriptors.Refusal(what: what, code: errno)
  }
}
