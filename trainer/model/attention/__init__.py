"""Self-attention: the plain version, and kernels that keep scores out of memory."""
