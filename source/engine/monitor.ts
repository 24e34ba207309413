import type {ServiceState} from './state.js';

/**
Asks the service again and again whether it answers, and times its outages. Faster while the service is
meant to be down, so that the outage is known to a tenth of a second.
*/
export class Monitor {
	#timer: NodeJS.Timeout | undefined;
	#outageSince: number | undefined;
	#everAnswered = false;
	#stopped = false;
	#asking: Promise<void> = Promise.resolve();
	#interval = 1000;

	constructor(
		private readonly probe: () => Promise<ServiceState | undefined>,
		private readonly on: {
			service(service: ServiceState): void;
			outageBegan(): void;
			outageEnded(milliseconds: number): void;
		},
		/** From an earlier worker of this run, if the service was down when it ended. */
		outageSince?: number,
		/** Whether it is known to have answered before, so that silence is an outage. */
		hasAnswered = outageSince !== undefined,
	) {
		this.#outageSince = outageSince;
		this.#everAnswered = hasAnswered;
	}

	/** Milliseconds between two probes; a shorter one counts from now. */
	set interval(milliseconds: number) {
		const isShorter = milliseconds < this.#interval;
		this.#interval = milliseconds;
		if (isShorter && this.#timer && !this.#stopped) {
			clearTimeout(this.#timer);
			this.#asking = this.#asking.then(() => this.#ask());
		}
	}

	start(): void {
		this.#asking = this.#ask();
	}

	/** Asks once more, right now, and returns what was seen. */
	async look(): Promise<void> {
		await this.#asking;
		await this.#once();
	}

	async stop(): Promise<void> {
		this.#stopped = true;
		clearTimeout(this.#timer);
		await this.#asking;
	}

	async #ask(): Promise<void> {
		await this.#once();
		clearTimeout(this.#timer);
		if (!this.#stopped) {
			this.#timer = setTimeout(() => {
				this.#asking = this.#ask();
			}, this.#interval);
		}
	}

	async #once(): Promise<void> {
		const began = Date.now();
		const service = await this.probe();
		if (!service) {
			return;
		}

		if (service.answers) {
			this.#everAnswered = true;
			if (this.#outageSince !== undefined) {
				this.on.outageEnded(Math.max(0, began - this.#outageSince));
				this.#outageSince = undefined;
			}
		} else if (this.#everAnswered && this.#outageSince === undefined) {
			this.#outageSince = began;
			this.on.outageBegan();
		}

		this.on.service(service);
	}
}
