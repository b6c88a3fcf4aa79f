# nap: two commands do most things. `make demo` shows the main job; `make test` proves the build.
# Everything that is fetched goes below .deps, everything that is built below .build.

PREFIX ?= /usr/local
DESTDIR ?=

# Debug builds of C++ would run our kernels ten times slower without -O2. Every debug build (test, check, docs) uses
# these very flags, so that they share one build folder and nothing is built twice.
libtorch = $(shell cat .deps/libtorch.path 2>/dev/null)
# Atari where Tools/setup built the Arcade Learning Environment; `make install` and packages that depend on this one are without.
arcade = $(if $(wildcard .deps/pkgconfig/nap-ale.pc),--traits Arcade)
common = --pkg-config-path $(CURDIR)/.deps/pkgconfig -Xcxx -O2 -Xlinker -rpath -Xlinker $(libtorch)
flags = $(arcade) $(common)
release = -c release --product nap --static-swift-stdlib

# Two tests more than can run, since many wait for a program; not all at once, since a test's time limit counts from its
# beginning, also while it waits for a thread. Threads of libtorch that wait for one another sleep: others want the processor.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2)
export OMP_WAIT_POLICY ?= passive
export NAP_PYTHON ?= $(CURDIR)/.deps/python/bin/python
ifneq ($(wildcard ../shared/data),)
export NAP_DATA ?= $(abspath ../shared/data)
endif

.PHONY: help demo test nightly without-atari sanitize setup build check bench docs install clean

help:
	@echo "make demo      install what is missing, build, train four arms for some minutes, write demo-report/index.html"
	@echo "make test      install what is missing, build, run the tests"
	@echo "make nightly   the same tests at full length: 10,000 damaged inputs a parser, 200 kills, 10,000 steps"
	@echo "make without-atari  the same tests with Atari left out of the build"
	@echo "make sanitize  tests under AddressSanitizer and ThreadSanitizer (docs/sanitizers.md)"
	@echo "make build     the release program: .build/release/nap"
	@echo "make check     the tests if not just run, then format, warnings, documentation, sizes, links, examples, a dependent package"
	@echo "make bench     time training steps, images and tokens beside PyTorch and others (Benchmarks/run)"
	@echo "make docs      the reference of every library, as one static site in .build/docs"
	@echo "make install   copy the program and its libraries to PREFIX (now $(PREFIX))"
	@echo "make setup     only install what is missing (Tools/setup --plan: only say it)"
	@echo "make clean     remove what was built; .deps, which took the downloading, stays"
	@echo "LIBTORCH=/path/to/torch make ... uses a libtorch (2.11 to 2.13) that is already there"

setup:
	@Tools/setup

build: setup
	swift build $(release) $(flags)

# MKL takes the path that rounds alike on every processor: goldens in float32 were written on one.
# The sum is taken before the tests and kept after them: what is edited meanwhile does not count as tested.
test: setup
	@echo swift test --disable-xctest $(flags)
	@tree=$$(Tools/tree-sum) && MKL_CBWR=COMPATIBLE swift test --disable-xctest $(flags) && echo $$tree > .build/tested

nightly: setup
	@Tools/nightly $(flags)

# What a user has who did not ask for Atari: neither the trait nor the emulator.
without-atari: arcade =
without-atari: setup
	swift build --scratch-path .build-plain --build-tests $(flags)
	MKL_CBWR=COMPATIBLE swift test --scratch-path .build-plain --skip-build --disable-xctest $(flags)

sanitize: setup
	@Tools/sanitize address $(flags)
	@Tools/sanitize thread $(flags)

check: setup
	@[ "$$(cat .build/tested 2>/dev/null)" = "$$(Tools/tree-sum)" ] || $(MAKE) --no-print-directory test
	@Tools/check $(flags)

demo: build
	@Tools/demo

bench: build
	swift build $(release:nap=nap-bench) $(flags)
	Benchmarks/run
	Benchmarks/run --work cifar --pairs 5 --steps 5
	Benchmarks/run --work jpeg --pairs 5
	Benchmarks/run --work tokens --pairs 5
	Benchmarks/sums

docs: setup
	@Tools/docs $(flags)

# What is copied elsewhere is without the GPL-2.0-only part.
install: arcade =
install: build
	@Tools/install $(DESTDIR)$(PREFIX)

clean:
	rm -rf .build .build-plain .build-asan .build-tsan demo-report
