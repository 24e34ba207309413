import {createConnection, type Socket} from 'node:net';
import {join} from 'node:path';
import {t} from '../locales/index.js';
import {update} from './events.js';
import {places} from './places.js';
import type {FromWorker, ToWorker} from './protocol.js';
import type {RunState} from './state.js';

/** A console's end of the socket: the run's state, kept up to date, and a way to send commands. */
export class Attached {
	#state: RunState;
	#driving: boolean;
	#lost: string | undefined;
	#refused: {readonly reason: string} | undefined;
	readonly #listeners = new Set<() => void>();

	private constructor(
		private readonly socket: Socket,
		snapshot: FromWorker & {type: 'snapshot'},
		/** Where the logs are on this side; a rehearsal's worker knows them by another path. */
		private readonly runs: string,
	) {
		this.#state = this.#localised(snapshot.state);
		this.#driving = snapshot.driving;
	}

	/**
	Attaches to the worker that serves a state directory. Undefined when none does.
	Waits up to `patience` milliseconds for one that is just starting.
	*/
	static async to(state: string, patience = 0): Promise<Attached | undefined> {
		const deadline = Date.now() + patience;
		for (;;) {
			const socket = await connect(places.socket(state));
			if (socket) {
				const attached = await Attached.#greet(socket, state);
				if (attached) {
					return attached;
				}
			}

			if (Date.now() >= deadline) {
				return undefined;
			}

			await new Promise(resolve => {
				setTimeout(resolve, 50);
			});
		}
	}

	static async #greet(socket: Socket, state: string): Promise<Attached | undefined> {
		return new Promise(resolve => {
			let attached: Attached | undefined;
			let rest = '';
			socket.setEncoding('utf8');
			socket.on('data', (chunk: string) => {
				const lines = (rest + chunk).split('\n');
				rest = lines.pop() ?? '';
				for (const line of lines) {
					const message = JSON.parse(line) as FromWorker;
					if (message.type === 'snapshot') {
						attached = new Attached(socket, message, places.runs(state));
						resolve(attached);
					} else if (attached) {
						attached.#receive(message);
					}
				}
			});
			socket.on('error', () => socket.destroy());
			socket.on('close', () => {
				if (attached) {
					attached.#close();
				}

				resolve(undefined);
			});
		});
	}

	state(): RunState {
		return this.#state;
	}

	driving(): boolean {
		return this.#driving;
	}

	/** Set when the worker is gone. */
	get lost(): string | undefined {
		return this.#lost;
	}

	/** Why the last command was not carried out; cleared by the next one. */
	get refused(): {readonly reason: string} | undefined {
		return this.#refused;
	}

	subscribe(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	send(command: ToWorker): void {
		this.#refused = undefined;
		this.socket.write(`${JSON.stringify(command)}\n`);
	}

	close(): void {
		this.socket.destroy();
	}

	#receive(message: FromWorker): void {
		if (message.type === 'event') {
			this.#state = update(this.#state, message.event);
		} else if (message.type === 'driving') {
			this.#driving = message.driving;
		} else if (message.type === 'refused') {
			this.#refused = {reason: message.reason};
		}

		this.#tell();
	}

	#close(): void {
		this.#lost = t('The worker is gone. Start omflow-tui again: the run goes on where it stands.');
		this.#tell();
	}

	#tell(): void {
		for (const listener of this.#listeners) {
			listener();
		}
	}

	#localised(state: RunState): RunState {
		return {...state, logs: join(this.runs, state.id, 'logs')};
	}
}

async function connect(path: string): Promise<Socket | undefined> {
	return new Promise(resolve => {
		const socket = createConnection(path);
		socket.once('connect', () => {
			socket.removeAllListeners('error');
			resolve(socket);
		});
		socket.once('error', () => resolve(undefined));
	});
}
