"""Plays a board on a bench, for the test of the serial driver: a console on a pseudo-terminal, power, pins and card by commands.

board.py FOLDER               prints the terminal's path and waits for commands
board.py FOLDER WORD...       sends a command and ends with 0 when it is done

With the power on it says what the logger says, with a frame in between as on USB, and its card becomes FOLDER/low.img or FOLDER/high.img, by the level of GP20.
"""

import os
import pty
import shutil
import socket
import sys

folder, words = sys.argv[1], sys.argv[2:]
address = os.path.join(folder, "bench")
card = os.path.join(folder, "card.img")

if words:
    with socket.socket(socket.AF_UNIX) as bench:
        bench.connect(address)
        bench.sendall("\n".join(words).encode())
        bench.shutdown(socket.SHUT_WR)
        answer = bench.recv(1000).decode()
    if answer != "done":
        sys.exit(answer)
    sys.exit(0)

master, slave = pty.openpty()
pins = {}


def obey(words):
    if words == ["power", "on"]:
        shutil.copy(os.path.join(folder, pins["GP20"] + ".img"), card)
        os.write(master, b"> starting\r\n\xfe\xfc\x00\x01> frame\xfe\xf8\xfe\xfd> .....\r\n> logging\r\n")
    elif words[0] == "pin" and words[2] in ("low", "high"):
        pins[words[1]] = words[2]
    elif words[:2] == ["card", "write"]:
        shutil.copy(words[2], card)
    elif words[:2] == ["card", "read"]:
        shutil.copy(card, words[2])
    elif words != ["power", "off"]:
        raise ValueError("the bench knows no " + " ".join(words))


with socket.socket(socket.AF_UNIX) as server:
    server.bind(address)
    server.listen()
    print(os.ttyname(slave), flush=True)
    while True:
        client, _ = server.accept()
        with client:
            said = b""
            while part := client.recv(1000):
                said += part
            try:
                obey(said.decode().split("\n"))
                client.sendall(b"done")
            except Exception as error:
                client.sendall(str(error).encode())
