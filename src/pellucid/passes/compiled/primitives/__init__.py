"""The innermost loops, in LLVM's language, and what loops written for Numba need besides."""
