import Datasets
import Foundation
import Testing

@Suite struct DataFolderTests {
  @Test(arguments: [
    (["NAP_DATA": "/d", "XDG_CACHE_HOME": "/x", "HOME": "/h"], "/d"),
    (["NAP_DATA": "", "XDG_CACHE_HOME": "/x", "HOME": "/h"], "/x/nap/data"),
    (["XDG_CACHE_HOME": "", "HOME": "/h"], "/h/.cache/nap/data"),
    (["XDG_CACHE_HOME": "relative", "HOME": "/h"], "/h/.cache/nap/data"),
    (["HOME": "/h"], "/h/.cache/nap/data"), (["NAP_DATA": "~/d", "HOME": "/h"], "/h/d"),
  ])
  func `NAP_DATA, then XDG_CACHE_HOME, then HOME decide where data lie`(
    environment: [String: String], path: String
  ) {
    #expect(DataFolder(environment: environment).path == path)
  }

  @Test func `without a home in the environment the system's is taken`() {
    #expect(DataFolder(environment: [:]).path.hasSuffix("/.cache/nap/data"))
    #expect(!DataFolder(environment: ["HOME": ""]).path.hasPrefix("~"))
  }
}
