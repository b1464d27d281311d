// Lingering close, as in nginx: the client can read the last response before the connection ends.
import type { Socket } from 'node:net';

/** How long a client may send nothing before the connection is closed. */
const IDLE_TIMEOUT_MS = 2_000;

/** The most input to discard from one connection. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;

/**
 * Half-closes a socket once its output is sent, then discards input until the client closes, is
 * idle, sends too much, or `limitMs` has passed. Closing a socket with unread input would reset
 * the connection, and the reset can overtake the response (RFC 9112, section 9.6).
 */
export function lingeringClose(socket: Socket, limitMs: number): void {
  if (socket.destroyed) return;
  const destroy = () => socket.destroy();
  const limit = setTimeout(destroy, limitMs);
  const idle = setTimeout(destroy, IDLE_TIMEOUT_MS);
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

/** Detaches the HTTP parser, so that further input is not parsed, and pauses the socket. */
export function stopParsing(socket: Socket): void {
  // The parser reads from the handle directly until the socket gets another `data` listener.
  socket.on('data', () => {});
  socket.removeAllListeners('data');
  socket.pause();
  // The stream still waits for a read that the parser took over; an empty chunk completes it.
  socket.push('');
}
