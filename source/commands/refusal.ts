import {t} from '../locales/index.js';
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

/** What is kept about runs is root's alone, and so is everything a run does. */
export function requireRoot(why = t('it reads what only root may read, installs packages and stops a service')): void {
	if (process.geteuid?.() !== 0) {
		throw new Refusal(t('This needs root: {why}. Run it with sudo.', {why}), exitStatus.usage);
	}
}
