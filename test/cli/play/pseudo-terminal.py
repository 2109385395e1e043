"""Runs a command on a pseudo-terminal: what it writes goes to standard output, orders come in on standard input.

Orders are lines: `keys HEX`, `size ROWS COLUMNS`, `signal NUMBER`. In the end a line of JSON on standard error says how
the command ended and whether the terminal reads lines again.
"""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios


def resize(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def obey(order, fd, child):
    word, *rest = order.split()
    if word == "keys":
        os.write(fd, bytes.fromhex(rest[0]))
    elif word == "size":
        resize(fd, int(rest[0]), int(rest[1]))
    elif word == "signal":
        os.kill(child, int(rest[0]))


def relay(fd, child):
    orders = b""
    sources = [fd, 0]
    while True:
        ready, _, _ = select.select(sources, [], [])
        if fd in ready:
            try:
                data = os.read(fd, 65536)
            except OSError:
                return
            if not data:
                return
            os.write(1, data)
        if 0 in ready:
            data = os.read(0, 65536)
            if not data:
                sources.remove(0)
            *whole, orders = (orders + data).split(b"\n")
            for order in whole:
                obey(order.decode(), fd, child)


rows, columns, *command = sys.argv[1:]
child, fd = pty.fork()
if child == 0:
    resize(0, int(rows), int(columns))
    os.execvp(command[0], command)
relay(fd, child)
_, status = os.waitpid(child, 0)
local = termios.tcgetattr(fd)[3]
isCooked = bool(local & termios.ICANON and local & termios.ECHO)
print(json.dumps({"code": os.waitstatus_to_exitcode(status), "isCooked": isCooked}), file=sys.stderr)
