// NormalizeAndProjectTests
