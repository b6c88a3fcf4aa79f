import Foundation
import Testing

/// Small runs in several processes.
extension Program {
  /// The arguments of `nap launch` for so many processes and a run.
  static func shared(_ processes: Int, restarts: Int = 0, _ train: [String]) -> [String] {
    ["launch", "--processes", "\(processes)", "--restarts", "\(restarts)", "--"] + train
  }

  /// Starts one rank by itself, as another launcher would.
  func startRank(
    _ rank: Int, of size: Int, port: Int, _ arguments: [String], program: URL = url
  ) throws -> (process: Process, output: Pipe, errors: Pipe) {
    var nap = self
    nap.environment.merge([
      "RANK": "\(rank)", "WORLD_SIZE": "\(size)", "LOCAL_WORLD_SIZE": "\(size)",
      "MASTER_ADDR": "localhost", "MASTER_PORT": "\(port)",
    ]) { $1 }
    return try nap.start(arguments, program: program)
  }

  /// Starts every rank by itself, each with its arguments, and waits for the end of all.
  func ranks(_ arguments: [[String]], size: Int? = nil) throws -> [Stopped] {
    let port = try freePort()
    let started = try arguments.indices.map {
      try startRank($0, of: size ?? arguments.count, port: port, arguments[$0])
    }
    return started.map { process, output, errors in
      let (reader, rest) = (Reader(errors), Reader(output))
      process.waitUntilExit()
      _ = rest.finish()
      return Stopped(code: process.terminationStatus, errors: reader.finish())
    }
  }

  /// A port that was free a moment ago.
  func freePort() throws -> Int {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        try #require(
          bind(socket, pointer, length) == 0 && getsockname(socket, pointer, &length) == 0)
      }
      return Int(UInt16(bigEndian: pointer.pointee.sin_port))
    }
  }

  /// The process of a rank below a launcher.
  static func rank(_ rank: Int, of launcher: Process) throws -> pid_t {
    let parent = launcher.processIdentifier
    let children = try String(
      contentsOfFile: "/proc/\(parent)/task/\(parent)/children", encoding: .utf8)
    let found = children.split(separator: " ").compactMap { pid_t($0) }.first { child in
      let environment = try? String(contentsOfFile: "/proc/\(child)/environ", encoding: .utf8)
      return environment?.split(separator: "\0").contains("RANK=\(rank)") == true
    }
    return try #require(found, "rank \(rank) is not among the children \(children)")
  }
}
