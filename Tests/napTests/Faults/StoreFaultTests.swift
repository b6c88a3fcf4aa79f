import Experiments
import Foundation
import GRDB
import RunStore
import TestSupport
import Testing

@Suite struct StoreFaultTests {
  private let arguments = FaultRun.arguments(tasks: 20)

  private func database(_ nap: Program) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    return try DatabaseQueue(
      path: nap.runs.appending(path: Store.fileName).path, configuration: configuration)
  }

  @Test func `a store of a newer version is refused by every verb and left as it is`() throws {
    try withProgram { nap in
      #expect(try nap.run(FaultRun.arguments(tasks: 2)).code == 0)
      let run = try onlyRecord(nap).run.text
      try database(nap).inDatabase {
        try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9 future')")
        try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
      }
      let file = nap.runs.appending(path: Store.fileName)
      let before = try Data(contentsOf: file)
      for arguments in [
        arguments, ["train", "--resume", run], ["runs"], ["runs", "rm", run, "--yes"],
        ["report", run, "-o", nap.runs.appending(path: "r.csv").path],
      ] {
        let result = try nap.run(arguments)
        expectOneSentence(
          (result.code, result.errors), code: 3, file.path, "newer nap", "9 future", "NAP_RUNS=")
      }
      #expect(try Data(contentsOf: file) == before)
    }
  }

  @Test func `a store that another process holds too long is an error, and nothing is lost`() throws
  {
    let whole = try FaultRun.whole.of(arguments)
    try withProgram { nap in
      var impatient = nap
      impatient.environment["NAP_STORE_TIMEOUT"] = "0.3"
      let file = nap.runs.appending(path: Store.fileName).path
      // Held before the run starts.
      #expect(try nap.run("runs").code == 3)
      _ = try Store.open(at: nap.runs)
      let holder = try database(nap)
      try holder.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
      let refused = try impatient.run(arguments)
      expectOneSentence(
        (refused.code, refused.errors), code: 3, file, "held by another process", "0.3 s")
      try holder.inDatabase { try $0.execute(sql: "COMMIT") }
      #expect(try RunRecord(nap.runs) == nil)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: nap.runs.path)
          .allSatisfy { $0.hasPrefix("store") })
      // Held while it trains.
      let stopped = try impatient.started(arguments, andAfter: 3) { _ in
        try holder.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
      }
      expectOneSentence(
        (stopped.code, stopped.errors), code: 3, file, "held by another process")
      #expect(try nap.run("runs").code == 0, "readers do not wait")
      try holder.inDatabase { try $0.execute(sql: "COMMIT") }
      let record = try onlyRecord(nap)
      #expect(record.problems(asBeginningOf: whole) == [])
      #expect((record.state?.updates ?? 0) > 0)
      #expect(try nap.resume().code == 0)
      #expect(try onlyRecord(nap).isSame(as: whole))
    }
  }

  @Test(arguments: ["soon", "-1", "nan", "1e9"])
  func `a time to wait that is none is a mistake of usage`(text: String) throws {
    try withProgram { nap in
      var program = nap
      program.environment["NAP_STORE_TIMEOUT"] = text
      let result = try program.run(arguments)
      expectOneSentence(
        (result.code, result.errors), code: 2, "NAP_STORE_TIMEOUT=\(text)", "seconds from 0")
    }
  }

  @Test func `a file that is no store is named and left as it is`() throws {
    try withProgram { nap in
      let file = nap.runs.appending(path: Store.fileName)
      let bytes = Data("this is a letter, not a database\n".utf8) + Data(count: 8_192)
      try bytes.write(to: file)
      for arguments in [arguments, ["runs"]] {
        let result = try nap.run(arguments)
        expectOneSentence(
          (result.code, result.errors), code: 3, file.path, "not a store of runs", "Move it away")
      }
      #expect(try Data(contentsOf: file) == bytes)
    }
  }

  @Test func `a folder that may not be written is named, and its runs can be read`() throws {
    try withProgram { nap in
      #expect(try nap.run(FaultRun.arguments(tasks: 2)).code == 0)
      try withNobody(nap) { nobody in
        let failed = try nobody.run(arguments)
        expectOneSentence(
          (failed.code, failed.errors), code: 3, nap.runs.path, "read-only", "NAP_RUNS=")
        let list = try nobody.run("runs")
        #expect(list.code == 0 && list.output.contains("finished"), "\(list.errors)")
      }
    }
  }

  /// Runs `body` with a program that may read `nap`'s folder and not write it.
  private func withNobody(_ nap: Program, _ body: (Program) throws -> Void) throws {
    let manager = FileManager.default
    var nobody = nap
    if geteuid() == 0 {
      // Permission bits do not bind the superuser.
      nobody.launcher = [
        "/usr/bin/env", "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--",
      ]
      let trial = try nobody.run("--version")
      guard trial.code == 0 else {
        try Test.cancel("nobody cannot run the program here: \(trial.errors)")
      }
    }
    try manager.setAttributes([.posixPermissions: 0o555], ofItemAtPath: nap.runs.path)
    defer {
      try? manager.setAttributes([.posixPermissions: 0o755], ofItemAtPath: nap.runs.path)
    }
    try body(nobody)
  }

  @Test func `what a killed writer left is cleared away, and what a living one writes is not`()
    throws
  {
    try withProgram { nap in
      let stopped = try nap.started(arguments, andAfter: 2) { $0.interrupt() }
      #expect(stopped.code == 130)
      let folder = nap.runs.appending(path: try onlyRecord(nap).run.text)
      let left = folder.appending(path: ".checkpoint.safetensors.abc.partial")
      let living = folder.appending(path: ".checkpoint.safetensors.def.partial")
      for url in [left, living] { try Data(count: 100).write(to: url) }
      let descriptor = open(living.path, O_RDWR | O_CLOEXEC)
      #expect(flock(descriptor, LOCK_EX) == 0)
      #expect(try nap.resume().code == 0)
      #expect(
        partialFiles(nap.runs).map { ($0 as NSString).lastPathComponent } == [
          living.lastPathComponent
        ])
      close(descriptor)
    }
  }

  @Test func `a run is taken up although its process's number belongs to another program`() throws {
    try withProgram { nap in
      let stopped = try nap.started(arguments, andAfter: 2) {
        kill($0.processIdentifier, SIGKILL)
      }
      #expect(stopped.code == SIGKILL)
      // As after a restart: the number of the dead process is that of a living one, here the tests' own,
      // on another machine, as in a new container.
      for (process, host) in [
        (ProcessInfo.processInfo.processIdentifier, ProcessInfo.processInfo.hostName), (1, "gone"),
      ] {
        try database(nap).inDatabase {
          try $0.execute(
            sql: """
              UPDATE run SET state = 'running', provenance =
                json_set(provenance, '$.processIdentifier', ?, '$.host.name', ?)
              """, arguments: [Int(process), host])
        }
        let again = try nap.started(
          ["train", "--resume", onlyRecord(nap).run.text, "--threads", "1"], andAfter: 1
        ) { kill($0.processIdentifier, SIGKILL) }
        #expect(again.code == SIGKILL, "\(again.errors)")
        try database(nap).inDatabase { try $0.execute(sql: "DELETE FROM resumption") }
      }
      #expect(try nap.resume().code == 0)
    }
  }

  @Test func `on a file system without locks a run is trained, resumed and listed, with a warning`()
    throws
  {
    let arguments = FaultRun.arguments(tasks: 30)
    let whole = try FaultRun.whole.of(arguments)
    try withTemporaryFolder { folder in
      // As NFS without its lock daemon: neither locks on files nor on parts of them.
      let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <stdarg.h>

        int flock(int file, int operation) { errno = ENOLCK; return -1; }

        static int forward(const char *name, int file, int command, void *value) {
          if (command == F_SETLK || command == F_SETLKW || command == F_GETLK) {
            errno = ENOLCK;
            return -1;
          }
          int (*real)(int, int, ...) = dlsym(RTLD_NEXT, name);
          return real(file, command, value);
        }

        int fcntl(int file, int command, ...) {
          va_list rest;
          va_start(rest, command);
          void *value = va_arg(rest, void *);
          va_end(rest);
          return forward("fcntl", file, command, value);
        }

        int fcntl64(int file, int command, ...) {
          va_list rest;
          va_start(rest, command);
          void *value = va_arg(rest, void *);
          va_end(rest);
          return forward("fcntl64", file, command, value);
        }
        """
      guard let library = try PreloadedLibrary.compile(source, in: folder) else {
        try Test.cancel("no C compiler that makes a library to load first")
      }
      let nap = Program(
        runs: folder.appending(path: "runs"), environment: ["LD_PRELOAD": library.path])
      let stopped = try nap.started(arguments, andAfter: 3) { process in
        let listed = try nap.run("runs")
        #expect(listed.code == 0 && listed.output.contains("  running  "), "\(listed)")
        process.interrupt()
      }
      #expect(stopped.code == 130, "\(stopped.errors)")
      #expect(
        stopped.errors.contains("warning: the file system of")
          && stopped.errors.contains("has no locks"), "\(stopped.errors)")
      let listed = try nap.run("runs")
      #expect(listed.code == 0 && listed.output.contains("  interrupted  "), "\(listed)")
      let run = try #require(listed.output.split(separator: " ").first)
      let resumed = try nap.run("train", "--resume", "\(run)", "--threads", "1")
      #expect(resumed.code == 0, "\(resumed.errors)")
      // Here the locks are there again.
      #expect(try onlyRecord(nap).isSame(as: whole))
    }
  }
}
