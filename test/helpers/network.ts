// A network of machines and a load balancer. If namespaces are permitted, each machine is a network
// namespace with a cable to a switch, which can be pulled; otherwise it is an address of this
// machine.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { Host } from './operator.js';

const run = promisify(execFile);

export interface Machine extends Host {
  /** Pulls or plugs in its cable. Packets that are sent in between are lost. */
  setCable?: (isPlugged: boolean) => Promise<void>;
}

export interface Network {
  machines: Machine[];
  balancer: Host;
  /** Must be called after everything on the network has exited. */
  close: () => Promise<void>;
}

export async function openNetwork(count: number): Promise<Network> {
  try {
    return await openNamespaces(count);
  } catch (error) {
    console.warn(`SKIPPED: machines with cables: network namespaces are not permitted (${error})`);
    const machines = numbers(count).map((number) => ({ address: `127.0.0.${number}`, enter: [] }));
    return { machines, balancer: { address: '127.0.0.1', enter: [] }, close: async () => {} };
  }
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => 11 + index);

async function openNamespaces(count: number): Promise<Network> {
  const namespaces: Namespace[] = [];
  const close = async () => {
    for (const { end } of namespaces.reverse()) await end();
  };
  try {
    const hub = await openNamespace([], '-rn');
    namespaces.push(hub);
    await hub.ip('link add switch address 02:00:00:00:00:01 type bridge');
    await hub.ip('address add 10.0.0.1/24 dev switch');
    await hub.ip('link set switch up');
    const machines: Machine[] = [];
    for (const number of numbers(count)) {
      const inside = await openNamespace(hub.enter, '-n');
      namespaces.push(inside);
      const cable = `cable${number}`;
      const address = `10.0.0.${number}`;
      await hub.ip(`link add ${cable} type veth peer name eth0 netns ${inside.pid}`);
      await hub.ip(`link set ${cable} master switch up`);
      await inside.ip('link set lo up');
      await inside.ip(`address add ${address}/24 dev eth0`);
      await inside.ip('link set eth0 up');
      const setCable = (isPlugged: boolean) => hub.ip(`link set ${cable} ${isPlugged ? 'up' : 'down'}`);
      machines.push({ address, enter: inside.enter, setCable });
    }
    return { machines, balancer: { address: '10.0.0.1', enter: hub.enter }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Namespace {
  pid: number;
  enter: string[];
  ip: (command: string) => Promise<void>;
  end: () => Promise<void>;
}

/**
 * A namespace lasts as long as a process in it: here one that exits when its input ends, even if
 * this process is killed.
 */
async function openNamespace(outer: string[], kind: string): Promise<Namespace> {
  const [program = '', ...args] = [...outer, 'unshare', kind, 'sh', '-c', 'echo made && exec cat'];
  const holder: ChildProcess = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = once(holder, 'exit');
  await Promise.race([
    once(holder.stdout as NodeJS.ReadableStream, 'data'),
    exited.then(([status]) => Promise.reject(new Error(`unshare exited with ${status}`))),
  ]);
  const pid = holder.pid as number;
  const enter = ['nsenter', '--target', String(pid), '--user', '--net', '--preserve-credentials', '--'];
  const ip = async (command: string) => {
    const [nsenter = '', ...rest] = [...enter, 'ip', ...command.split(' ')];
    await run(nsenter, rest);
  };
  const end = async () => {
    holder.stdin?.end();
    await exited;
  };
  return { pid, enter, ip, end };
}
