// Batches on their way to a GPU. A copy on the stream that computes would wait for what is asked for already; one on a
// stream of its own is made meanwhile.
#include <ATen/ops/record_stream.h>
#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <map>
#include <mutex>

#include "include/nap_core.h"
#include "seam.h"

namespace {

/// Its stream is of the pool of high priority, since recordings take theirs from the other one.
class Uploads {
 public:
  explicit Uploads(at::Device device)
      : device_(device), guard_(device.type()), stream_(guard_.getStreamFromGlobalPool(device, true)) {}
  at::Tensor upload(const at::Tensor &host) {
    const c10::Stream computing = guard_.exchangeStream(stream_);
    c10::Event arrived(device_.type());
    at::Tensor there;
    try {
      there = host.to(device_, host.scalar_type(), true);
      arrived.record(stream_);
    } catch (...) {
      guard_.exchangeStream(computing);
      throw;
    }
    guard_.exchangeStream(computing);
    arrived.block(computing);
    // Its memory is of the upload's stream: not to be taken again there before the other has done with it.
    there.record_stream(computing);
    return there;
  }

 private:
  const at::Device device_;
  const c10::impl::VirtualGuardImpl guard_;
  const c10::Stream stream_;
};

Uploads &uploads_to(at::Device device) {
  static std::mutex mutex;
  static auto &found = *new std::map<c10::DeviceIndex, Uploads>;  // never freed: CUDA may end before
  const std::lock_guard lock(mutex);
  return found.try_emplace(device.index(), device).first->second;
}

}  // namespace

int nap_tensor_upload(nap_tensor host, nap_device device, nap_tensor *out) {
  return nap::guarded([&] { *out = nap::give(uploads_to(nap::device(device)).upload(nap::required(host))); });
}
