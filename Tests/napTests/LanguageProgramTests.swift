import Foundation
import TestSupport
import Testing

/// `nap generate` and `nap score` of a run that `nap train language` made.
@Suite(.timeLimit(.minutes(5))) struct LanguageProgramTests {
  private static func train(_ nap: Program, _ name: String, average: String) throws {
    let trained = try nap.run(
      "train", "language", "--preset", "smoke", "--set", "updatesPerTask=4", "--set",
      "average.decay=\(average)", "--set", "network.context=96", "--set",
      "recording.evaluateEveryUpdates=0", "--name", name)
    try #require(trained.code == 0, "\(trained.errors)")
  }

  /// Writes lines to a file of the folder of runs.
  private static func file(_ nap: Program, _ name: String, _ lines: [String]) throws -> String {
    let url = nap.runs.appending(path: name)
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: url)
    return url.path
  }

  @Test func `a run is scored on the three tests, with its weights or their average`() throws {
    try withProgram { nap in
      try Self.train(nap, "kept", average: "0.5")
      let piqa = try Self.file(
        nap, "piqa.jsonl",
        [
          #"{"goal":"open a jar","sol1":"turn the lid","sol2":"eat the lid"}"#,
          #"{"goal":"cool tea","sol1":"burn it","sol2":"wait"}"#,
        ])
      let piqaLabels = try Self.file(nap, "piqa.lst", ["0", "1"])
      let siqa = try Self.file(
        nap, "siqa.jsonl",
        [
          #"{"context":"Ann fell.","question":"What now?","answerA":"up","answerB":"down","answerC":"on"}"#
        ])
      let siqaLabels = try Self.file(nap, "siqa.lst", ["3"])
      let lambada = try Self.file(nap, "lambada.jsonl", [#"{"text":"to be or not to be"}"#])
      for (task, files, words) in [
        ("piqa", [piqa, piqaLabels], ["piqa, 2 questions", "acc  ", "acc_norm  ", "acc_bytes  "]),
        ("siqa", [siqa, siqaLabels], ["siqa, 1 questions", "acc  ", "acc_norm  "]),
        ("lambada", [lambada], ["lambada, 1 questions", "acc  ", "perplexity  "]),
      ] {
        let scored = try nap.run(["score", "kept", "--task", task] + files)
        #expect(scored.code == 0, "\(scored.errors)")
        for word in words { #expect(scored.output.contains(word), "\(word): \(scored.output)") }
      }
      func perplexity(_ more: String...) throws -> Double {
        let scored = try nap.run(["score", "kept", "--task", "lambada", lambada, "--json"] + more)
        try #require(scored.code == 0, "\(scored.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(scored.output.utf8))
        return try #require((object as? [String: Any])?["perplexity"] as? Double)
      }
      let own = try perplexity()
      #expect(own > 1 && own.isFinite)
      #expect(try perplexity() == own)
      #expect(try perplexity("--average") != own)
    }
  }

  @Test func `texts are the same for a seed, others with the average, and end where asked`() throws
  {
    try withProgram { nap in
      try Self.train(nap, "kept", average: "0.9")
      func text(_ more: String...) throws -> String {
        let written = try nap.run(
          ["generate", "kept", "--prompt", "ROMEO:", "--tokens", "40"] + more)
        try #require(written.code == 0, "\(written.errors)")
        #expect(written.output.hasPrefix("ROMEO:"))
        return written.output
      }
      let first = try text("--seed", "3")
      #expect(try text("--seed", "3") == first)
      #expect(try text("--seed", "4") != first)
      #expect(try text("--seed", "3", "--average") != first)
      // The likeliest token is the same whatever the seed, and whether one or all may be drawn.
      let likeliest = try text("--temperature", "0")
      #expect(try text("--temperature", "0", "--seed", "9") == likeliest)
      #expect(try text("--top-k", "1", "--seed", "9") == likeliest)
    }
  }

  @Test func `what cannot be scored or written is told in one sentence`() throws {
    try withProgram { nap in
      try Self.train(nap, "kept", average: "0")
      let good = try Self.file(nap, "good.jsonl", [#"{"text":"to be"}"#])
      let broken = try Self.file(nap, "broken.jsonl", [#"{"text":"to be"}"#, #"{"text":"to"#])
      let other = try Self.file(nap, "other.jsonl", [#"{"goal":"a","sol1":"b","sol2":"c"}"#])
      let labels = try Self.file(nap, "labels.lst", ["7"])
      let long = try Self.file(
        nap, "long.jsonl", [#"{"text":"\#(String(repeating: "word ", count: 40))end"}"#])
      for (arguments, code, words) in [
        (["--task", "piq", good], Int32(2), ["--task piq", "piqa"]),
        (["--task", "lambada", "nowhere.jsonl"], 3, ["nowhere.jsonl"]),
        (["--task", "lambada", broken], 3, ["broken.jsonl, line 2"]),
        (["--task", "lambada", other], 3, ["other.jsonl, line 1", "text"]),
        (["--task", "piqa", other], 3, ["labels"]),
        (["--task", "piqa", other, labels], 3, ["labels.lst", "7"]),
        (["--task", "lambada", long], 3, ["long.jsonl, line 1", "--truncate"]),
        (["--task", "lambada", good, "--average"], 3, ["average"]),
      ] {
        let refused = try nap.run(["score", "kept"] + arguments)
        #expect(refused.code == code, "\(arguments): \(refused)")
        if code == 3 { #expect(Program.message(refused.errors).count == 1, "\(refused.errors)") }
        for word in words { #expect(refused.errors.contains(word), "\(word): \(refused.errors)") }
      }
      let cut = try nap.run("score", "kept", "--task", "lambada", long, "--truncate")
      #expect(cut.code == 0, "\(cut.errors)")
      for (arguments, code, word) in [
        (["--average"], Int32(3), "average"), (["--tokens", "1000"], 2, "--tokens"),
        (["--temperature", "-1"], 2, "--temperature"), (["--prompt", ""], 2, "--prompt"),
      ] {
        let refused = try nap.run(["generate", "kept"] + arguments)
        #expect(refused.code == code && refused.errors.contains(word), "\(arguments): \(refused)")
      }
    }
  }
}
