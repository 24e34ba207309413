import {randomBytes} from 'node:crypto';
import {mkdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {type CommandOptions, command, type Result, tryCommand, waitFor, withLock} from './commands.js';
import {boot, cutPower, type Process, powerOff, processes} from './container.js';
import type {Layer} from './layer.js';
import {connect, disconnect, type Line, linkName, slowDown} from './network.js';
import {claim, release, remember, sweep} from './ownership.js';
import {cache} from './places.js';
import {readResolver} from './settings.js';

export type ServerOptions = {
	/** Topmost first. */
	readonly layers: readonly Layer[];
	/** A way to package sources. Default: true. */
	readonly network?: boolean;
};

const insideEnvironment = {
	PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
	LANG: 'C.UTF-8',
	HOME: '/root',
	TERM: 'dumb',
};

/** A disposable Debian server, booted. */
export class Server {
	readonly id = `${process.pid}-${randomBytes(3).toString('hex')}`;
	/** Holds the server's files, its console's log and vera's key; gone after `stop`. */
	directory = '';
	#leader: number | undefined;
	#line: Line | undefined;
	#isSlow = false;

	constructor(private readonly options: ServerOptions) {}

	/** Pid of the server's process 1 on the host. */
	get leader(): number {
		if (this.#leader === undefined) {
			throw new Error('The server is off');
		}

		return this.#leader;
	}

	/** Where the host reaches the server; absent without a network, when only its own loopback is there. */
	get address(): string | undefined {
		return this.#line?.address;
	}

	get isSlow(): boolean {
		return this.#isSlow;
	}

	/** vera's private key. */
	get key(): string {
		return path.join(this.directory, 'key');
	}

	/** Switches the server on, at first or again after `powerCut`, and waits until systemd and sshd are ready. */
	async boot(): Promise<void> {
		if (!this.directory) {
			this.directory = await claim(this.id);
			await this.#furnish();
		}

		// While it is off, the top layer is a folder like any other.
		await this.#atHome('etc/resolv.conf', await readResolver());
		const lower = this.options.layers.map(layer => layer.root);
		this.#leader = await boot(this.id, {lower, directory: this.directory});
		if (this.options.network !== false) {
			this.#line = await connect(this.leader, line => remember(this.id, line));
		}

		await waitFor('systemd in the server', async () => {
			const {stdout} = await this.exec(['systemctl', 'is-system-running']);
			return ['running', 'degraded'].includes(stdout.trim());
		});
		await waitFor('sshd in the server', async () => {
			const greeting = 'exec 3<>/dev/tcp/127.0.0.1/22 && head -c 4 <&3';
			return (await this.exec(['bash', '-c', greeting])).stdout === 'SSH-';
		});
		await this.#admitVera();
	}

	/** Runs a program in the server as root, outside any session. */
	async exec(argv: readonly string[], options: CommandOptions = {}): Promise<Result> {
		const env = {...insideEnvironment, ...options.env};
		return tryCommand(['nsenter', '-t', String(this.leader), '--all', '--', ...argv], {...options, env});
	}

	/** As `exec`, but it must succeed; returns what it printed. */
	async must(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
		const env = {...insideEnvironment, ...options.env};
		return command(['nsenter', '-t', String(this.leader), '--all', '--', ...argv], {...options, env});
	}

	/** A path of the server as the host can read and write it, while the server is on. */
	path(inside: string): string {
		return path.join(`/proc/${this.leader}/root`, inside);
	}

	async readFile(inside: string): Promise<string> {
		return readFile(this.path(inside), 'utf8');
	}

	/** What runs in the server; the pids are the host's, ready for `process.kill`. */
	processes(): Process[] {
		return processes(this.id, this.leader);
	}

	/** Pulls the cable or plugs it in again: packets are lost, and nobody is told. */
	async setCable(plugged: boolean): Promise<void> {
		if (this.#line) {
			await command(['ip', 'link', 'set', linkName(this.#line), plugged ? 'up' : 'down']);
		}
	}

	/** From now on ssh comes over a line as slow as a modem's, and as far away as the other side of the world. */
	async slowDown(): Promise<void> {
		if (this.#line) {
			await slowDown(this.leader, this.#line);
			this.#isSlow = true;
		}
	}

	/** Every process dies at once; what was written stays. */
	async powerCut(): Promise<void> {
		cutPower(this.id);
		await this.#unplug();
	}

	/** Shuts down in order. */
	async powerOff(): Promise<void> {
		await powerOff(this.id, this.leader);
		await this.#unplug();
	}

	/** Leaves no process, mount, link, rule or file. Safe to call again. */
	async stop(): Promise<void> {
		release(this.id);
		this.#leader = undefined;
		this.#line = undefined;
	}

	/** Shuts down and turns what was written on top of the layers into a layer of its own. */
	async freeze(into: string): Promise<void> {
		await this.powerOff();
		const upper = path.join(this.directory, 'upper');
		for (const leftover of ['home/vera/.ssh', 'run', 'tmp', 'var/tmp']) {
			await rm(path.join(upper, leftover), {recursive: true, force: true});
		}

		await rm(into, {recursive: true, force: true});
		await rename(upper, into);
		await this.stop();
	}

	async #unplug(): Promise<void> {
		if (this.#line) {
			disconnect(this.#line);
			await remember(this.id, undefined);
		}

		this.#leader = undefined;
		this.#line = undefined;
		this.#isSlow = false;
	}

	/** Makes vera's key and the places of the overlay. */
	async #furnish(): Promise<void> {
		for (const name of ['upper', 'work', 'root']) {
			await mkdir(path.join(this.directory, name), {mode: 0o755});
		}

		await command(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'vera', '-f', this.key]);
	}

	async #admitVera(): Promise<void> {
		const script = 'mkdir -pm 700 ~/.ssh && cat > ~/.ssh/authorized_keys';
		const input = await readFile(`${this.key}.pub`, 'utf8');
		await this.must(['runuser', '-l', 'vera', '-c', script], {input});
	}

	/** Writes into the server's own layer while it is off. */
	async #atHome(file: string, content: string): Promise<void> {
		const upper = path.join(this.directory, 'upper', file);
		await mkdir(path.dirname(upper), {recursive: true, mode: 0o755});
		await writeFile(upper, content);
	}
}

/** Boots a copy of the layers. */
export async function startOn(options: ServerOptions): Promise<Server> {
	await withLock(path.join(cache, 'sweep.lock'), sweep);
	const server = new Server(options);
	try {
		await server.boot();
	} catch (error) {
		await server.stop();
		throw error;
	}

	return server;
}
