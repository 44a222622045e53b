"""What the benchmark of compliance measures, each part in a process of its own."""
