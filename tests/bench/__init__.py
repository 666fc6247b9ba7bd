"""The benchmarks that `bin/bench` runs: every figure is a ratio to something bare, taken in the same run."""
