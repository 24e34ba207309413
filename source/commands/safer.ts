import {t} from '../locales/index.js';
import {describeRoute} from '../omflow/route.js';
import {wantsConsole} from './terminal.js';
import type {Arguments} from './usage.js';
import type {Way} from './way.js';

/**
Lets a person choose where the vendor published a safer way than the shortest, if its archives are at hand and nobody
said which way to go. Without a person the shortest is taken; the check then warns and names the other. Nothing when
the person leaves.
*/
export async function chooseWay(way: Way, given: Arguments): Promise<Way | undefined> {
	const {safer} = way.route;
	if (!safer?.every(({archive}) => archive) || given.via.length > 0 || !wantsConsole(given)) {
		return way;
	}

	const {runHome} = await import('../console/main.js');
	const to = way.hops.at(-1)?.to ?? '';
	const named = (hops: Way['hops']) => [way.from.text, ...hops.map(hop => hop.to)].join(' → ');
	const chosen = await runHome({
		title: t('Which way to {to}?', {to}),
		facts: [
			[t('Shortest'), named(way.hops)],
			[t('Safer'), named(safer)],
		],
		choices: [
			{
				value: 'safer',
				label: named(safer),
				explanation: t(
					'Every update is one for which the vendor published its patch. Each is kept, or taken back, by itself.',
				),
			},
			{
				value: 'shortest',
				label: named(way.hops),
				explanation: t("Allowed by the vendor's rule, but published for other versions: {route}", {
					route: describeRoute(way.route).at(-1) ?? '',
				}),
			},
			{value: 'leave', label: t('Leave'), explanation: t('Nothing is changed.')},
		],
		ascii: given.ascii,
		color: given.color,
		stdin: process.stdin,
		stdout: process.stdout,
	});
	switch (chosen) {
		case 'safer':
			return {...way, hops: safer};
		case 'shortest':
			return way;
		default:
			return undefined;
	}
}
