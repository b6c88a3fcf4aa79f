// Empty on purpose: this module only carries the pkg-config flags of libtorch.
