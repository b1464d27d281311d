// How many connections there may be at the same time.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Not by `server.maxConnections`: the workers of a cluster would hand a connection too many to each other for ever (Node 20). */
export function limitConnections(server: Server, most: number): void {
  let open = 0;
  server.prependListener('connection', (socket: Socket) => {
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
    if (open > most) socket.destroy();
  });
}
