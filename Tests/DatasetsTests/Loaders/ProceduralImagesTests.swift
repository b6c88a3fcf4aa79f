import Testing

@testable import Datasets

@Suite struct ProceduralImagesTests {
  @Test("The same seed gives the same bytes, on every platform; another seed others")
  func deterministic() throws {
    let images = try ProceduralImages(size: 8)
    let first = try images.dataset(.train, count: 20, seed: 1)
    #expect(try images.dataset(.train, count: 20, seed: 1) == first)
    #expect(try images.dataset(.train, count: 20, seed: 2).pixels != first.pixels)
    #expect(try images.dataset(.test, count: 20, seed: 1).pixels != first.pixels)
    #expect(first.labelHistogram == [Int](repeating: 2, count: 10))
    #expect(
      SHA256.hexadecimal(of: first.pixels)
        == "fe4083cf81ea98004a30e50f5d7f792fd6159db3178d1b67eda5d5b7f11165ef")
  }

  @Test("No two images are alike, and their bytes use the range")
  func varied() throws {
    let images = try ProceduralImages().dataset(.train, count: 200)
    #expect(Set((0..<200).map { Array(images.image($0)) }).count == 200)
    let statistics = images.channelStatistics
    #expect(statistics.mean.allSatisfy { (0.3...0.7).contains($0) }, "\(statistics)")
    #expect(statistics.deviation.allSatisfy { (0.1...0.35).contains($0) }, "\(statistics)")
  }

  @Test("Classes can be learned: the nearest class mean is right far more often than by chance")
  func learnable() throws {
    let images = try ProceduralImages()
    let train = try images.dataset(.train, count: 500).floats(averagedTo: (8, 8))
    let test = try images.dataset(.test, count: 200).floats(averagedTo: (8, 8))
    let size = train.shape.elementCount
    var means = [[Float]](repeating: [Float](repeating: 0, count: size), count: 10)
    for index in 0..<500 {
      for place in 0..<size { means[index % 10][place] += train.values[index * size + place] / 50 }
    }
    let right = (0..<200).filter { index in
      let distances = means.map { mean in
        (0..<size).reduce(Float(0)) { sum, place in
          let difference = mean[place] - test.values[index * size + place]
          return sum + difference * difference
        }
      }
      return distances.indices.min { distances[$0] < distances[$1] } == index % 10
    }.count
    #expect(right > 120, "\(right) of 200")
    #expect(right < 200, "too easy to tell methods apart")
  }

  @Test("Sizes and counts outside the limits are refused")
  func refusals() throws {
    for (classes, channels, size) in [
      (0, 3, 32), (257, 3, 32), (10, 0, 32), (10, 5, 32), (10, 3, 3),
    ] {
      #expect(
        try datasetError {
          _ = try ProceduralImages(classCount: classes, channels: channels, size: size)
        }.kind == .invalidRequest)
    }
    let images = try ProceduralImages()
    #expect(try datasetError { _ = try images.dataset(.train, count: 0) }.kind == .invalidRequest)
  }
}
