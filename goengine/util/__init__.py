"""Utilities without Go in them: files, interrupts, threads, shared work, statistics, the JIT cache."""
