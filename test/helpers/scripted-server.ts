// An HTTP server that follows the script of a test, valid HTTP or not.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ScriptedServer {
  url: string;
  /** The requests so far, with their bodies. */
  requests: { message: IncomingMessage; response: ServerResponse; body: string }[];
  /** Waits until the server has received a request. */
  received: () => Promise<void>;
  /** Waits until a client has closed the connection before the end of the response. */
  cancelled: () => Promise<void>;
  close: () => Promise<void>;
}

/** Answers the first request by the first step, and so on. The last step also answers the rest. */
export async function startScriptedServer(steps: readonly RequestListener[]): Promise<ScriptedServer> {
  const requests: ScriptedServer['requests'] = [];
  let onReceived = () => {};
  let onCancelled = () => {};
  const received = new Promise<void>((resolve) => {
    onReceived = resolve;
  });
  const cancelled = new Promise<void>((resolve) => {
    onCancelled = resolve;
  });
  const server = createServer(async (message, response) => {
    const at = requests.length;
    const request = { message, response, body: '' };
    response.once('close', () => {
      if (!response.writableFinished) onCancelled();
    });
    for await (const chunk of message.setEncoding('utf8')) request.body += chunk;
    requests.push(request);
    steps[Math.min(at, steps.length - 1)]?.(message, response);
    onReceived();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    received: () => received,
    cancelled: () => cancelled,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A step that sends a complete response. */
export function respond(status: number, headers: Record<string, string>, body: string): RequestListener {
  return (_, response) => response.writeHead(status, headers).end(body);
}

/** A step that sends the beginning of a response. */
export function begin(headers: Record<string, string>, part: string): RequestListener {
  return (_, response) => response.writeHead(200, headers).write(part);
}

/** A step that sends the beginning of a response, and closes the connection. */
export function breakOff(headers: Record<string, string>, part: string): RequestListener {
  return (_, response) => {
    response.writeHead(200, headers).write(part, () => response.destroy());
  };
}
