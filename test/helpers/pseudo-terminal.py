"""Runs a command on a pseudo-terminal of its own, as `pseudo-terminal.py COLUMNS COMMAND...`.

What the terminal is sent comes out of standard output, byte for byte. Standard input takes orders, a JSON object a line: {"type": "text"}
types at the keyboard, {"columns": 40} changes the terminal's width. Ends with the command's exit code, 128 + n where signal n ended it.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios

ROWS = 24


def resize(terminal, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))


def obey(order, terminal, child):
    if "columns" in order:
        resize(terminal, order["columns"])
        os.kill(child, signal.SIGWINCH)
    if "type" in order:
        os.write(terminal, order["type"].encode())


def main():
    columns, command = int(sys.argv[1]), sys.argv[2:]
    begin, wait = os.pipe()[::-1]
    child, terminal = pty.fork()
    if child == 0:
        # Not before the terminal has its size.
        os.read(wait, 1)
        os.execvp(command[0], command)
    resize(terminal, columns)
    os.write(begin, b"x")
    orders, rest = [0], b""
    while True:
        ready, _, _ = select.select([terminal, *orders], [], [])
        if 0 in ready:
            chunk = os.read(0, 65536)
            if chunk == b"":
                orders = []
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                obey(json.loads(line), terminal, child)
        if terminal in ready:
            try:
                output = os.read(terminal, 65536)
            except OSError:
                # Linux says so when nobody has the other end open any more.
                output = b""
            if output == b"":
                break
            sys.stdout.buffer.write(output)
            sys.stdout.buffer.flush()
    _, status = os.waitpid(child, 0)
    sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))


main()
