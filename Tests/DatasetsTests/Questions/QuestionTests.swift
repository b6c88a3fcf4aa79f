import Datasets
import Foundation
import TestSupport
import Testing

@Suite("Questions of public tests")
struct QuestionTests {
  private static let piqa =
    #"{"goal": "To open a jar,", "sol1": "twist it.", "sol2": "freeze it."}"#
  private static let siqa =
    #"{"context": "Ada fell.", "question": "How is she?", "answerA": "hurt", "answerB": "rich", "answerC": "tall"}"#

  private func read(
    _ task: QuestionTask, _ questions: String, _ labels: String? = nil, in folder: URL
  ) throws -> [Question] {
    let url = folder.appendingPathComponent("questions.jsonl")
    try Data(questions.utf8).write(to: url)
    let other = folder.appendingPathComponent("labels.lst")
    if let labels { try Data(labels.utf8).write(to: other) }
    return try task.questions(at: url.path, labels: labels == nil ? nil : other.path)
  }

  @Test("Each task is read in its own form, with the harness's prompts")
  func forms() throws {
    try withTemporaryFolder { folder in
      let piqa = try read(.piqa, Self.piqa + "\n" + Self.piqa + "\r\n", "0\n1\n", in: folder)
      #expect(piqa.map(\.answer) == [0, 1])
      #expect(piqa[0].prompt == "Question: To open a jar,\nAnswer:")
      #expect(piqa[1].choices == ["twist it.", "freeze it."])
      #expect(piqa[1].place.hasSuffix("questions.jsonl, line 2"))
      let siqa = try read(.siqa, Self.siqa, "3", in: folder)
      #expect(siqa[0].answer == 2 && siqa[0].prompt == "Q: Ada fell. How is she?\nA:")
      let lambada = try read(.lambada, #"{"text": "It rained on the old house"}"#, in: folder)
      #expect(lambada[0].prompt == "It rained on the old" && lambada[0].choices == ["house"])
    }
  }

  @Test(
    "A line that is not what it should be is named with what was expected",
    arguments: [
      ("not json", "0", "line 1: expected a JSON object with the texts goal, sol1, sol2"),
      ("[1, 2]", "0", "line 1: expected a JSON object"),
      (#"{"goal": "a", "sol1": "b"}"#, "0", "none called 'sol2'"),
      (#"{"goal": "a", "sol1": "b", "sol2": 3}"#, "0", "a text that is not empty as 'sol2'"),
      (#"{"goal": "a", "sol1": "", "sol2": "c"}"#, "0", "a text that is not empty as 'sol1'"),
      ("", "0", "a text"), ("\n", "0", "a line a question"),
      (piqa + "\n\n" + piqa, "0\n1\n0", "line 2: expected a JSON object"),
      (piqa, "2", "labels.lst, line 1: expected a label from 0 to 1, found '2'"),
      (piqa, "one", "a label from 0 to 1, found 'one'"),
      (piqa, "0\n1", "1 labels, one a question, found 2"),
    ])
  func refusals(questions: String, labels: String, words: String) throws {
    try withTemporaryFolder { folder -> Void in
      #expect {
        _ = try read(.piqa, questions, labels, in: folder)
      } throws: {
        $0 is DatasetError && "\($0)".contains(words)
      }
    }
  }

  @Test("Labels that are missing or not wanted, and a single word, are refused")
  func others() throws {
    try withTemporaryFolder { folder in
      #expect(throws: DatasetError.self) {
        try QuestionTask.lambada.questions(at: folder.path + "/none.jsonl", labels: nil)
      }
      for (task, text, labels, words) in [
        (QuestionTask.siqa, Self.siqa, nil, "a file of labels beside it"),
        (.siqa, Self.siqa, "0", "a label from 1 to 3"),
        (.lambada, #"{"text": "a b"}"#, "0", "no labels for lambada"),
        (.lambada, #"{"text": "alone"}"#, nil, "at least two words"),
        (.lambada, #"{"text": "ends in a space "}"#, nil, "at least two words"),
        (.lambada, Self.piqa, nil, "none called 'text'"),
      ] as [(QuestionTask, String, String?, String)] {
        #expect {
          _ = try read(task, text, labels, in: folder)
        } throws: {
          "\($0)".contains(words)
        }
      }
    }
  }
}
