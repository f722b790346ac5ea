"""Imports PyTorch, or ends the program with what to do where there is none."""

import sys

try:
    import torch
except ModuleNotFoundError as error:
    if error.name != "torch":
        raise
    sys.exit(
        f"{sys.executable} has no PyTorch. On Debian and Ubuntu: apt-get install --no-install-recommends python3-torch, "
        "and run this with /usr/bin/python3. Or pip install torch, which on Linux brings several GB of CUDA."
    )

__all__ = ["torch"]
