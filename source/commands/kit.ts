import {t} from '../locales/index.js';
import {buildKit} from './kit-build.js';
import {checkKitHere} from './kit-check.js';
import {freezeRequirements, requestKit} from './kit-request.js';
import {requireRoot} from './refusal.js';
import {type Arguments, UsageError} from './usage.js';

/** Everything about offline kits: what a server asks for, building it elsewhere, and whether it is complete. */
export async function kit(given: Arguments): Promise<number> {
	const [word] = given.positionals;
	requireRoot(
		word === 'build'
			? t('it unpacks another system’s packages beside this one, and installs none')
			: t('it reads what only root may read'),
	);
	switch (word) {
		case 'request':
			return requestKit(given);
		case 'build':
			return buildKit(given);
		case 'check':
			return checkKitHere(given);
		case 'freeze':
			return freezeRequirements(given);
		default:
			throw new UsageError(
				word === undefined
					? t('What about the kit? One of: kit request, kit build REQUEST, kit check KIT, kit freeze.')
					: t('There is no command “kit {word}”. It is one of: request, build, check, freeze.', {word}),
			);
	}
}
