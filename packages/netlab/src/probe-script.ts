// What runs in a place of the lab to test its NAT: sockets by remote control. It reads one command a line and answers
// each by its id; all decisions are made by the one who asks. JavaScript as text, because it goes to `node -e` of a
// process in another namespace, whatever this module was bundled into.

/** Commands: dial, hangUp (the dials that were kept), listen, unlisten. Each is answered with an outcome. */
export const probeScript = `
"use strict";
const net = require("node:net");
const keptDials = new Set();
const listeners = new Map();
const reply = (message) => process.stdout.write(JSON.stringify(message) + "\\n");
// A connection that is still being made has nothing to reset; resetAndDestroy would wait for it.
const reset = (socket) => (socket.connecting ? socket.destroy() : socket.resetAndDestroy());

function dial({ id, host, port, localAddress, localPort, withinMs, observe, keep }) {
  const socket = net.connect({ host, port, localAddress, localPort });
  let text = "";
  const end = (outcome) => {
    clearTimeout(timer);
    socket.removeAllListeners().on("error", () => {});
    if (keep && outcome === "answered") keptDials.add(socket);
    else reset(socket);
    reply({ id, outcome, observed: text.trim() });
  };
  const timer = setTimeout(end, withinMs, "silent");
  socket.on("connect", () => observe || end("answered"));
  socket.on("data", (chunk) => (text += chunk).endsWith("\\n") && end("answered"));
  socket.on("error", (error) => end(error.code === "ECONNREFUSED" ? "refused" : error.code));
}

function hangUp({ id }) {
  keptDials.forEach(reset);
  keptDials.clear();
  reply({ id, outcome: "answered" });
}

function listen({ id, host, port }) {
  const callers = new Set();
  const server = net.createServer((socket) => {
    callers.add(socket);
    socket.on("error", () => {}).on("close", () => callers.delete(socket)).resume();
    socket.write(socket.remoteAddress + " " + socket.remotePort + "\\n");
  });
  server.on("error", (error) => reply({ id, outcome: error.code }));
  server.listen(port, host, () => {
    listeners.set(id, { server, callers });
    reply({ id, outcome: "answered", observed: host + " " + server.address().port });
  });
}

function unlisten({ id, listener }) {
  const { server, callers } = listeners.get(listener);
  listeners.delete(listener);
  callers.forEach(reset);
  server.close(() => reply({ id, outcome: "answered" }));
}

const commands = { dial, hangUp, listen, unlisten };
require("node:readline").createInterface({ input: process.stdin })
  .on("line", (line) => { const command = JSON.parse(line); commands[command.command](command); })
  .on("close", () => process.exit());
`;
