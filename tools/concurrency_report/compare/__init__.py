"""`tools/compare`: Google Benchmark's compare.py, by pipe too, and the same for our counters."""
