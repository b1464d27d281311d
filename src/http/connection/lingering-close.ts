// Closes a connection so that its client can still read the last answer.
import type { Socket } from 'node:net';

/** How long a client may send nothing before the connection is closed. */
const IDLE_MS = 2_000;

/** The most input to discard from one connection. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;

/**
 * Half-closes a socket when its output has been sent, then reads and discards what the client still sends. The socket
 * is destroyed when the client closes its side, sends nothing for two seconds or too much, or after `limitMs`.
 *
 * Closing a socket with unread input resets the connection, and the reset can overtake the answer (RFC 9112, section 9.6).
 */
export function lingeringClose(socket: Socket, limitMs: number): void {
  if (socket.destroyed) return;
  const destroy = () => socket.destroy();
  const limit = setTimeout(destroy, limitMs);
  const idle = setTimeout(destroy, IDLE_MS);
  socket.once('close', () => {
    clearTimeout(limit);
    clearTimeout(idle);
  });
  stopParsing(socket);
  let discardedBytes = 0;
  socket.on('data', (data: Buffer) => {
    discardedBytes += data.length;
    if (discardedBytes > MAX_DISCARDED_BYTES) destroy();
    else idle.refresh();
  });
  socket.end();
  socket.resume();
}

/** Detaches the HTTP parser from a socket and pauses it. What the client sends from now on is not parsed. */
export function stopParsing(socket: Socket): void {
  // The parser reads from the handle directly until someone else listens.
  socket.on('data', () => {});
  socket.removeAllListeners('data');
  socket.pause();
  // It had taken over a read that the stream still waits for: an empty piece ends that.
  socket.push('');
}
