// The start scenario's rival: the least that a process can do to be heard of. A program: PORT

import net from "node:net";

const socket = net.connect(Number(process.argv[2]), "127.0.0.1", () => socket.end("hello\n"));
