import Experiments
import Torch

/// What `nap --version` prints.
enum NapVersionText {
  static var text: String {
    "nap \(NapVersion.current) (libtorch \(Machine.libtorchVersion))"
  }
}
