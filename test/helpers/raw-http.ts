// HTTP by hand, for what no client would send.
import { once } from 'node:events';
import { connect } from 'node:net';

export interface RawAnswer {
  status: number;
  headers: string;
  body: unknown;
}

/** Sends bytes and reads until the server closes the connection. The body is parsed as JSON. */
export async function rawRequest(port: number, bytes: string): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let text = '';
  socket.setEncoding('utf8').on('data', (data) => {
    text += data;
  });
  socket.write(bytes);
  await once(socket, 'close');
  const end = text.indexOf('\r\n\r\n');
  return { status: Number(text.split(' ')[1]), headers: text.slice(0, end), body: JSON.parse(text.slice(end + 4)) };
}
