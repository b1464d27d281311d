// Counts the bytes that a server has sent.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Starts to count. Returns a function for the total so far, over open and closed connections. */
export function countSentBytes(server: Server): () => number {
  const open = new Set<Socket>();
  let closedBytes = 0;
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      closedBytes += socket.bytesWritten;
    });
  });
  return () => [...open].reduce((sum, { bytesWritten }) => sum + bytesWritten, closedBytes);
}
