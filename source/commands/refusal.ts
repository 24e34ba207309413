import {exitStatus} from './plain.js';

/** A command that is not begun: one sentence with what, why and what to do, and an exit status. */
export class Refusal extends Error {
	override readonly name = 'Refusal';

	constructor(
		message: string,
		readonly status: number = exitStatus.usage,
	) {
		super(message);
	}
}

/** Everything here changes the system or reads what only root may read. */
export function requireRoot(): void {
	if (process.geteuid?.() !== 0) {
		throw new Refusal(
			'This needs root, because it installs packages and stops a service. Run it with sudo.',
			exitStatus.usage,
		);
	}
}
