import {chmod, rm} from 'node:fs/promises';
import {createServer, type Server, type Socket} from 'node:net';
import {t} from '../locales/index.js';
import type {RunEvent} from './events.js';
import type {FromWorker, ToWorker} from './protocol.js';
import type {RunState} from './state.js';

/** A console that does not read may fall this far behind before it is dropped; it can attach again. */
const backlogLimit = 8 * 1024 * 1024;
const lineLimit = 4 * 1024 * 1024;

/** The worker's end of the socket: any number of consoles watch, one drives. */
export class WorkerServer {
	readonly #consoles = new Set<Socket>();
	#driver: Socket | undefined;
	#server: Server | undefined;

	constructor(
		private readonly state: () => RunState,
		/** Carries out a command; returns why not, or undefined. */
		private readonly onCommand: (command: ToWorker) => string | undefined,
	) {}

	async listen(path: string): Promise<void> {
		// Whoever listened there is dead: this worker holds the lock.
		await rm(path, {force: true});
		const server = createServer(socket => this.#welcome(socket));
		this.#server = server;
		await new Promise<void>((resolve, reject) => {
			server.once('error', reject);
			server.listen(path, resolve);
		});
		await chmod(path, 0o600);
	}

	publish(event: RunEvent): void {
		for (const console of this.#consoles) {
			this.#send(console, {type: 'event', event});
		}
	}

	async close(): Promise<void> {
		const server = this.#server;
		if (!server) {
			return;
		}

		const closed = new Promise(resolve => server.close(resolve));
		for (const console of this.#consoles) {
			console.end();
		}

		const patience = setTimeout(() => {
			for (const console of this.#consoles) {
				console.destroy();
			}
		}, 2000);
		await closed;
		clearTimeout(patience);
	}

	#welcome(socket: Socket): void {
		this.#consoles.add(socket);
		this.#driver ??= socket;
		this.#send(socket, {type: 'snapshot', state: this.state(), driving: this.#driver === socket});
		let rest = '';
		socket.setEncoding('utf8');
		socket.on('data', (chunk: string) => {
			const lines = (rest + chunk).split('\n');
			rest = lines.pop() ?? '';
			if (rest.length > lineLimit) {
				socket.destroy();
			}

			for (const line of lines) {
				this.#receive(socket, line);
			}
		});
		socket.on('error', () => socket.destroy());
		socket.on('close', () => {
			this.#consoles.delete(socket);
			if (this.#driver === socket) {
				this.#drive(this.#consoles.values().next().value);
			}
		});
	}

	#receive(socket: Socket, line: string): void {
		let command: ToWorker;
		try {
			command = JSON.parse(line) as ToWorker;
		} catch {
			this.#send(socket, {type: 'refused', reason: t('That was not a command.')});
			return;
		}

		if (command.type === 'take-over') {
			this.#drive(socket);
			return;
		}

		if (socket !== this.#driver) {
			this.#send(socket, {type: 'refused', reason: t('Another console drives this run. Press t to take over.')});
			return;
		}

		const reason = this.onCommand(command);
		if (reason) {
			this.#send(socket, {type: 'refused', reason});
		}
	}

	#drive(socket: Socket | undefined): void {
		const before = this.#driver;
		this.#driver = socket;
		if (before && before !== socket && this.#consoles.has(before)) {
			this.#send(before, {type: 'driving', driving: false});
		}

		if (socket) {
			this.#send(socket, {type: 'driving', driving: true});
		}
	}

	#send(socket: Socket, message: FromWorker): void {
		if (socket.destroyed) {
			return;
		}

		if (socket.writableLength > backlogLimit) {
			socket.destroy();
			return;
		}

		socket.write(`${JSON.stringify(message)}\n`);
	}
}
