// Raw HTTP requests, for input that no HTTP client would send.
import { once } from 'node:events';
import { connect } from 'node:net';

export interface RawText {
  status: number;
  headers: string;
  /** Everything after the headers, in Latin-1. */
  text: string;
}

export interface RawAnswer {
  status: number;
  headers: string;
  body: unknown;
}

/** Sends bytes (Latin-1) and reads until the server closes the connection. */
export async function rawText(port: number, bytes: string): Promise<RawText> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const chunks: Buffer[] = [];
  socket.on('data', (data) => chunks.push(data));
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  const text = Buffer.concat(chunks).toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  return { status: Number(text.split(' ')[1]), headers: text.slice(0, end), text: text.slice(end + 4) };
}

/** Sends bytes and reads until the server closes the connection. The body is parsed as JSON. */
export async function rawRequest(port: number, bytes: string): Promise<RawAnswer> {
  const { status, headers, text } = await rawText(port, bytes);
  return { status, headers, body: JSON.parse(Buffer.from(text, 'latin1').toString()) };
}
