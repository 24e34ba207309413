import {lstat, readdir} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {kitPlaces} from '../engine/places.js';
import {t} from '../locales/index.js';
import {unfinishedRun} from './runs.js';
import type {Arguments} from './usage.js';

/** What can be done about kits, as a screen shows it, and what each choice does. */
export type KitChoice = {
	readonly label: string;
	readonly explanation: string;
	act(): Promise<number>;
};

/**
What can be done about kits on this host: with those that lie in `folders`, with requests for some, and with one that is
not finished. Only files of `owners` count, since what is in a kit is installed by root.
*/
export async function kitChoices(
	given: Arguments,
	{
		folders,
		owners,
		isServer,
	}: {
		readonly folders: readonly string[];
		readonly owners: ReadonlySet<number>;
		/** Whether there is an OMFLOW here. */
		readonly isServer: boolean;
	},
): Promise<readonly KitChoice[]> {
	const [kits, requests, begun] = await Promise.all([
		find(folders, owners, /^omflow-kit-.*\.tar\.(?:zst|gz)$/),
		find(folders, owners, /^omflow-kit-request-.*\.json$/),
		unfinishedRun(kitPlaces(given.state).state).catch(() => undefined),
	]);
	const build = async (words: readonly string[]) =>
		(await import('./kit-build.js')).buildKit({...given, command: 'kit', positionals: ['build', ...words]});
	const ask = async () => (await import('./kit-request.js')).requestKit(given);
	return [
		...(isServer ? kits.flatMap(kit => withKit(given, kit)) : []),
		...(begun
			? [
					{
						label: t('Go on with the kit {output}', {output: basename(String(begun.plan.options.output))}),
						explanation: t('It is not finished. What was fetched is not fetched again.'),
						act: async () => build([]),
					},
				]
			: []),
		...requests.map(request => ({
			label: t('Build the kit for {request}', {request: basename(request)}),
			explanation: t('Fetches all packages and puts them into one archive. Needs the network; installs nothing here.'),
			act: async () => build([request]),
		})),
		...(isServer
			? [
					{
						label: t('Ask for an offline kit'),
						explanation: t(
							'Writes a small file for a machine with a network, which makes a kit from it. Changes nothing.',
						),
						act: ask,
					},
				]
			: []),
	];
}

function withKit(given: Arguments, kit: string): KitChoice[] {
	const asked = {...given, kit};
	return [
		{
			label: t('Check the kit {kit}', {kit: basename(kit)}),
			explanation: t('Whether {kit} is complete for this server. Changes nothing.', {kit}),
			act: async () =>
				(await import('./kit-check.js')).checkKitHere({...given, command: 'kit', positionals: ['check', kit]}),
		},
		{
			label: t('Upgrade with {kit}, without a network', {kit: basename(kit)}),
			explanation: t('With {kit}. Nothing is changed before you have seen the plan.', {kit}),
			act: async () => (await import('./upgrade.js')).upgrade(asked),
		},
		{
			label: t('Rehearse with {kit}', {kit: basename(kit)}),
			explanation: t('With {kit}, in a copy-on-write view of this host, which stays as it is.', {kit}),
			act: async () => (await import('./rehearse.js')).rehearse(asked),
		},
	];
}

/** Plain files of that name, each folder's in the order of names. Links are passed over: whose file is behind one can change. */
async function find(folders: readonly string[], owners: ReadonlySet<number>, pattern: RegExp): Promise<string[]> {
	const found: string[] = [];
	for (const folder of folders) {
		const names = (await readdir(folder).catch(() => [])).filter(name => pattern.test(name)).sort();
		for (const name of names) {
			const file = join(folder, name);
			const is = await lstat(file).catch(() => undefined);
			if (is?.isFile() && owners.has(is.uid)) {
				found.push(file);
			}
		}
	}

	return found;
}
