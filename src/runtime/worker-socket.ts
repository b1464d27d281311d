// Unix sockets on which the workers of a service talk to each other (unix(7)).
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/**
 * Listens on a socket without keeping the process alive. Exclusive, as node:cluster would otherwise
 * share the socket among the workers. Rejects if the path is in use or its directory is gone.
 */
export async function listenOnSocket(path: string, onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    // A peer that disconnects early is no error of this worker.
    socket.on('error', () => {});
    onConnection(socket);
  });
  server.listen({ path, exclusive: true });
  await once(server, 'listening');
  return server.unref();
}
