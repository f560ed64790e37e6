"""terminal.py STEP... - a user at a terminal, with bash as the login shell

A step is "send TEXT", where ^C, ^Z and ^\\ are those keys and a newline follows any
other text, or "expect REGEX", to be seen within 15 s after what was expected before.
Ends with status 0 when all was seen, else prints what the terminal shows.
"""
import os
import pty
import re
import select
import signal
import sys
import termios
import time

KEYS = {"^C": b"\x03", "^Z": b"\x1a", "^\\": b"\x1c"}
PATIENCE_S = 15


def start_shell():
    pid, terminal = pty.fork()
    if pid == 0:
        mode = termios.tcgetattr(0)
        mode[3] &= ~termios.ECHO  # what is typed must not look like an answer
        termios.tcsetattr(0, termios.TCSANOW, mode)
        os.environ.update(PS1="$ ", TERM="dumb", HISTFILE="")
        os.execvp("bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"])
    return pid, terminal


def expect(terminal, seen, pattern):
    deadline = time.monotonic() + PATIENCE_S
    while True:
        match = re.search(pattern.encode(), seen)
        if match:
            return seen[match.end():]
        if not select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
            sys.exit("not seen: %s\nthe terminal shows:\n%s" % (pattern, seen.decode()))
        seen += os.read(terminal, 4096)


def main(steps):
    pid, terminal = start_shell()
    seen = b""
    try:
        for step in steps:
            verb, text = step.split(" ", 1)
            if verb == "send":
                os.write(terminal, KEYS.get(text, text.encode() + b"\n"))
            else:
                seen = expect(terminal, seen, text)
    finally:
        os.close(terminal)  # the hang-up ends the shell's jobs
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


main(sys.argv[1:])
