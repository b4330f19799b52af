/** Open connections without traffic: idle clients, and slow ones. */
import { connect } from "node:net";

const part = "GET /apikey/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ak_123\r\n";

/** Opens a connection that has received a response, or has sent only a part of a request. */
function open(port, isComplete) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", reject).on("error", () => {}); // Later errors close the connection.
    socket.once("close", () => reject(new Error("a connection was closed immediately")));
    socket.on("data", () => resolve(socket));
    socket.write(isComplete ? `${part}\r\n` : part, () => isComplete || resolve(socket));
  });
}

/** Opens connections in batches, because a server may queue only a few. */
async function openMany(count, port, isComplete) {
  const sockets = [];
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(50, count - sockets.length) });
    sockets.push(...(await Promise.all(batch.map(() => open(port, isComplete)))));
  }
  return sockets;
}

/**
 * Opens `idle` connections that have received a response, and `halfSent` ones that have sent a part
 * of a request. `close` closes them, and returns how many the server had closed already.
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
