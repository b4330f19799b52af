/** Connections that are open and silent: clients that wait between calls, and slow ones. */
import { connect } from "node:net";

const part = "GET /apikey/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ak_123\r\n";

/** One connection that has sent a whole request and had its answer, or only a part of a request. */
function open(port, isWhole) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", reject).on("error", () => {}); // Later ones show as a closed connection.
    socket.once("close", () => reject(new Error("a connection was closed at once")));
    socket.on("data", () => resolve(socket));
    socket.write(isWhole ? `${part}\r\n` : part, () => isWhole || resolve(socket));
  });
}

/** Not all at a time: the queue of a server for new connections may be short. */
async function openMany(count, port, isWhole) {
  const sockets = [];
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(50, count - sockets.length) });
    sockets.push(...(await Promise.all(batch.map(() => open(port, isWhole)))));
  }
  return sockets;
}

/**
 * Opens `idle` connections that have had an answer and `halfSent` ones that wait for one. `close`
 * ends them and gives the number of those that the server had closed already.
 */
export async function openCrowd(port, idle, halfSent) {
  const sockets = [
    ...(await openMany(idle, port, true)),
    ...(await openMany(halfSent, port, false)),
  ];
  return {
    close() {
      const closed = sockets.filter((socket) => socket.destroyed).length;
      for (const socket of sockets) socket.destroy();
      return closed;
    },
  };
}
