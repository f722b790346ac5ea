"""Counts the MIPS instructions of opML's own digit classifier (mlgo, examples/mnist_mips) in Unicorn.

Usage: python opml-mips.py CHECKOUT_OF_MLGO
Needs Go (it fetches the 1.20 that the program was written for) and the packages unicorn and
pyelftools. The memory map and the system calls are those that opML's loader provides. The last line is
JSON: {"steps", "seconds", "digit"}.
"""

import json
import os
import struct
import subprocess
import sys
import time
from pathlib import Path

from elftools.elf.elffile import ELFFile
from unicorn import UC_ARCH_MIPS, UC_HOOK_CODE, UC_HOOK_INTR, UC_MODE_BIG_ENDIAN, UC_MODE_MIPS32, Uc
from unicorn.mips_const import UC_MIPS_REG_A0, UC_MIPS_REG_A1, UC_MIPS_REG_A3, UC_MIPS_REG_PC, UC_MIPS_REG_V0

HEAP, MAGIC, INPUT, OUTPUT, MODEL, BREAK, HALT = (
    0x20000000, 0x30000800, 0x31000000, 0x32000000, 0x33000000, 0x40000000, 0x5EAD0000,
)
MMAP, BRK, CLONE, EXIT_GROUP = 4090, 4045, 4120, 4246
RETURN = b"\x03\xe0\x00\x08\x00\x00\x00\x00"  # jr $ra; nop


def build(folder: Path) -> Path:
    """Compiles the classifier for MIPS, as its build script does."""
    target = {"GOTOOLCHAIN": "go1.20.14", "GOFLAGS": "-mod=mod"}
    target |= {"GOOS": "linux", "GOARCH": "mips", "GOMIPS": "softfloat"}
    subprocess.run(["go", "build", "-o", "mlgo", "."], cwd=folder, env={**os.environ, **target}, check=True)
    return folder / "mlgo"


def load(machine: Uc, program: Path, startup: bytes) -> None:
    machine.mem_map(0, 0x80000000)
    with program.open("rb") as file:
        elf = ELFFile(file)
        for segment in elf.iter_segments("PT_LOAD"):
            machine.mem_write(segment.header.p_vaddr, segment.data())
        # The collector would wait for threads that this machine does not have.
        (start,) = elf.get_section_by_name(".symtab").get_symbol_by_name("runtime.gcenable")
        machine.mem_write(start["st_value"], RETURN)
        machine.mem_write(0, startup + struct.pack(">I", elf.header.e_entry))


def place(machine: Uc, address: int, data: bytes) -> None:
    machine.mem_write(address, struct.pack(">I", len(data)) + data)


def run(machine: Uc) -> int:
    counted = {"steps": 0, "heap": 0}

    def system_call(machine: Uc, _number: int, _data: object) -> None:
        call, result = machine.reg_read(UC_MIPS_REG_V0), 0
        if call == MMAP:
            result = machine.reg_read(UC_MIPS_REG_A0)
            if result == 0:
                result = HEAP + counted["heap"]
                counted["heap"] += machine.reg_read(UC_MIPS_REG_A1)
        elif call == BRK:
            result = BREAK
        elif call == CLONE:
            result = 1
        elif call == EXIT_GROUP:
            machine.reg_write(UC_MIPS_REG_PC, HALT)
            machine.emu_stop()
        machine.reg_write(UC_MIPS_REG_V0, result)
        machine.reg_write(UC_MIPS_REG_A3, 0)

    def step(*_: object) -> None:
        counted["steps"] += 1

    machine.hook_add(UC_HOOK_INTR, system_call)
    machine.hook_add(UC_HOOK_CODE, step)
    machine.emu_start(0, HALT)
    return counted["steps"]


def main() -> None:
    checkout = Path(sys.argv[1])
    machine = Uc(UC_ARCH_MIPS, UC_MODE_MIPS32 | UC_MODE_BIG_ENDIAN)
    load(machine, build(checkout / "examples/mnist_mips"), (checkout / "startup/startup.bin").read_bytes())
    models = checkout / "examples/mnist/models/mnist"
    place(machine, INPUT, (models / "input_7").read_bytes())
    place(machine, MODEL, (models / "ggml-model-small-f32-big-endian.bin").read_bytes())
    started = time.monotonic()
    steps = run(machine)
    seconds = time.monotonic() - started
    if bytes(machine.mem_read(MAGIC, 4)) != b"\x12\x34\x56\x78":
        sys.exit("the program ended without an output")
    digit = struct.unpack(">I", bytes(machine.mem_read(OUTPUT + 4, 4)))[0]
    print(json.dumps({"steps": steps, "seconds": round(seconds, 1), "digit": digit}))


if __name__ == "__main__":
    main()
