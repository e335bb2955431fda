"""The parts of `make bench`, one a file.

Each has `measure(options)`, which returns what JSON can hold, and `report(result)`,
which returns lines of Markdown. None imports TensorFlow: what does runs in the
processes of `benchmarks.candidates`.
"""
