import type { Socket } from 'node:net';

/** Closes a connection at once with a reset, which its client can't take for the end of a body. */
export function resetConnection(socket: Socket): void {
  // Node calls this method, which otherwise ends the connection before it is reset.
  socket.destroySoon = () => socket.destroy();
  socket.resetAndDestroy();
}
