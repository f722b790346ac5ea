"""Runs a command in a pseudo-terminal: run_in_pty.py COMMAND [ARGUMENT ...]

What arrives on stdin is typed into it, what it shows goes to stdout, and its exit status is ours. When
stdin ends, the terminal is hung up, so that the command never outlives who started this.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

ROWS, COLUMNS = 50, 120


def start(command):
    child, terminal = pty.fork()
    if child != 0:
        return child, terminal
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    os.execvp(command[0], command)


def read(descriptor):
    """Bytes that are there; none when the other side is gone."""
    try:
        return os.read(descriptor, 65536)
    except OSError:  # how Linux tells that the last process has left a terminal
        return b""


def write(descriptor, data):
    while data:
        data = data[os.write(descriptor, data) :]


def relay(terminal):
    keyboard, screen = sys.stdin.fileno(), sys.stdout.fileno()
    while True:
        ready, _, _ = select.select([keyboard, terminal], [], [])
        if terminal in ready:
            shown = read(terminal)
            if not shown:
                return
            write(screen, shown)
        if keyboard in ready:
            typed = read(keyboard)
            if not typed:
                return
            write(terminal, typed)


child, terminal = start(sys.argv[1:])
relay(terminal)
os.close(terminal)
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
