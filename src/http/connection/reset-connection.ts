import type { Socket } from 'node:net';

/** Resets a connection, which a client can't mistake for the end of a body. */
export function resetConnection(socket: Socket): void {
  // Node.js calls this method, which would end the connection properly before the reset.
  socket.destroySoon = () => socket.destroy();
  socket.resetAndDestroy();
}
