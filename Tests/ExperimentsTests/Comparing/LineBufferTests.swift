import Foundation
import Testing

@testable import Experiments

#if os(Linux)
  @Suite struct LineBufferTests {
    @Test func `processes that ended leave no pipe open, and lose no line`() async {
      // A process of its own: other tests open files too.
      await #expect(processExitsWith: .success) {
        func open() throws -> Int {
          try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        }
        func run(_ count: Int) throws {
          for index in 0..<count {
            let (output, errors) = (LineBuffer(), LineBuffer())
            let process = Process()
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", "echo one; echo \(index); echo wrong >&2"]
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = output.pipe
            process.standardError = errors.pipe
            try process.run()
            while process.isRunning { usleep(2_000) }
            output.drain()
            errors.drain()
            #expect(output.takeLines() == ["one", "\(index)"] && errors.takeLines() == ["wrong"])
          }
        }
        try run(4)
        let before = try open()
        try run(30)
        let after = try open()
        #expect(after <= before + 4, "\(before) files before, \(after) after")
      }
    }
  }
#endif
