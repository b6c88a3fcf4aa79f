import Networks
import NormalizeAndProject
func normalized(_ n: Sequential, inputShape: [Int], normalization: Normalization, scaleAndOffset: ScaleAndOffset) throws -> Sequential { n }
