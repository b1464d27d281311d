// How much a server has sent.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Counts from now on; returns the bytes so far, of connections that are open and of those that were. */
export function countSentBytes(server: Server): () => number {
  const open = new Set<Socket>();
  let sent = 0;
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      sent += socket.bytesWritten;
    });
  });
  return () => [...open].reduce((sum, { bytesWritten }) => sum + bytesWritten, sent);
}
