import Arcade
import Environments
import Foundation
import TestSupport
import Testing

@Suite("Images")
struct RenderedImageTests {
  private let red = RenderedImage.Color(200, 10, 20)
  private let blue = RenderedImage.Color(1, 2, 250)

  @Test(
    "Rectangles and lines are painted as far as they lie in the image, and pixels become squares")
  func painting() {
    var image = RenderedImage(width: 4, height: 3, red)
    image.fill(x: 2..<9, y: -5..<2, blue)
    for y in 0..<3 {
      for x in 0..<4 {
        #expect(image.color(x: x, y: y) == (x >= 2 && y < 2 ? blue : red))
      }
    }
    let large = image.enlarged(by: 3)
    #expect((large.width, large.height) == (12, 9))
    for y in 0..<9 {
      for x in 0..<12 {
        #expect(large.color(x: x, y: y) == image.color(x: x / 3, y: y / 3))
      }
    }
    var line = RenderedImage(width: 5, height: 5, red)
    line.line(from: (0, 0), to: (4, 4), thickness: 1, blue)
    #expect((0..<5).allSatisfy { line.color(x: $0, y: $0) == blue })
    #expect(line.color(x: 0, y: 4) == red)
  }

  @Test("A PNG file is read as the same pixels by Python's own libraries")
  func png() throws {
    var image = RenderedImage(width: 7, height: 5, red)
    image.fill(x: 1..<4, y: 2..<5, blue)
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("image.png")
      try Data(image.png).write(to: file)
      let script = """
        import struct, sys, zlib
        data = open(sys.argv[1], "rb").read()
        assert data[:8] == bytes([137, 80, 78, 71, 13, 10, 26, 10])
        place, chunks = 8, {}
        while place < len(data):
            size, name = struct.unpack(">I4s", data[place:place + 8])
            body = data[place + 8:place + 8 + size]
            assert zlib.crc32(name + body) == struct.unpack(">I", data[place + 8 + size:place + 12 + size])[0]
            chunks[name] = body
            place += 12 + size
        width, height, *kind = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
        assert kind == [8, 2, 0, 0, 0], kind
        rows = zlib.decompress(chunks[b"IDAT"])
        stride = 3 * width + 1
        assert len(rows) == stride * height and b"IEND" in chunks
        assert all(rows[stride * y] == 0 for y in range(height))
        print(width, height, *[b for y in range(height) for b in rows[stride * y + 1:stride * (y + 1)]])
        """
      let numbers = try Python.run(script, [file.path]).split(whereSeparator: \.isWhitespace)
        .map { Int($0) ?? -1 }
      #expect(numbers == [7, 5] + image.rgb.map(Int.init))
    }
  }

  @Test("What an agent sees is shown in grey, in color, by planes, or as bars")
  func observations() {
    func space(_ shape: [Int]) -> ObservationSpace {
      ObservationSpace(shape: shape, element: .uint8)
    }
    let grey = RenderedImage(.bytes([0, 100, 200, 255]), of: space([1, 2, 2]))
    #expect(grey.color(x: 1, y: 0) == .init(100, 100, 100))
    let color = RenderedImage(.bytes([1, 2, 3, 4, 5, 6]), of: space([3, 1, 2]))
    #expect(color.color(x: 1, y: 0) == .init(2, 4, 6))
    let planes = RenderedImage(.bytes([255, 0, 0, 255, 0, 0, 0, 0]), of: space([4, 1, 2]))
    #expect(planes.color(x: 0, y: 0) != planes.color(x: 1, y: 0))
    let halves = RenderedImage(
      .floats([0, 0.5, 1, 7]), of: ObservationSpace(shape: [1, 1, 4], element: .float32))
    #expect((0..<4).map { halves.color(x: $0, y: 0).red } == [0, 127, 255, 255])
    let bars = RenderedImage(
      .floats([3, -.infinity, .nan]), of: ObservationSpace(shape: [3], element: .float32))
    let paper = bars.color(x: 0, y: 0)
    #expect(bars.color(x: 4, y: 20) != paper && bars.color(x: 4, y: 60) == paper)
    #expect(bars.color(x: 12, y: 60) != paper && bars.color(x: 12, y: 20) == paper)
  }

  @Test("Classic environments show where things are")
  func environments() throws {
    var world = try SwitchingGridworld(task: 0, seed: 1)
    _ = try world.reset()
    let image = try #require(world.image)
    let goal = world.goal(ofTask: 0)
    func center(_ place: Int) -> RenderedImage.Color {
      image.color(x: place % 5 * 16 + 8, y: place / 5 * 16 + 8)
    }
    let colors = (0..<25).map(center)
    #expect(Set(colors).count == 3)
    #expect(colors.filter { $0 == colors[goal] }.count == 1)
    var pole = CartPole(seed: 1)
    _ = pole.reset()
    let first = try #require(pole.image)
    for _ in 0..<5 { _ = try pole.step(1) }
    #expect(pole.image != first)
  }

  #if Arcade
    @Test("A game shows its screen in color")
    func screen() throws {
      var world = try AtariEnvironment(AtariGame(named: "pong"), seed: 1)
      _ = try world.reset()
      let image = try #require(try world.image)
      #expect((image.width, image.height) == (160, 210))
      // Pong's field is brown and its paddles are orange and green.
      let colors = Set((0..<210).flatMap { y in (0..<160).map { image.color(x: $0, y: y) } })
      #expect(colors.count >= 4 && colors.contains { $0.red != $0.green })
    }
  #endif
}
