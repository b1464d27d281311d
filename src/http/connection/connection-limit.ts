// Limits the number of concurrent connections.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Destroys connections beyond `max`. Unlike `server.maxConnections`, with which the workers of a
 * full cluster pass a connection on to each other endlessly (Node 20).
 */
export function limitConnections(server: Server, max: number): void {
  let open = 0;
  server.prependListener('connection', (socket: Socket) => {
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
    if (open > max) socket.destroy();
  });
}
