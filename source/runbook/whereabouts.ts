import {readdir, readlink, realpath} from 'node:fs/promises';
import {dirname, join, relative, resolve} from 'node:path';
import type {Finding} from '../engine/state.js';
import {pythonLink} from '../host/alternatives.js';
import type {Installation} from '../omflow/installation.js';
import {paths, type StepContext} from './facts.js';
import {exclude} from './steps/copy.js';

/** What of this host the upgrade would touch without being able to take it back, and so must not meet. */
export async function whereabouts(context: StepContext, installation: Installation): Promise<Finding[]> {
	return (
		await Promise.all([
			alone(installation),
			databasePlace(installation),
			linksOutside(installation.base),
			otherRuns(context),
			context.facts.python3Link ? switchable() : [],
		])
	).flat();
}

/** Path of a file relative to `base` when its copy is in a backup of that; links are followed. */
export async function placeInBackup(base: string, file: string): Promise<string | undefined> {
	const [root, real] = await Promise.all([base, file].map(path => realpath(path).catch(() => undefined)));
	const place = root && real ? relative(root, real) : '..';
	const isCopied = isInside(place) && !exclude.some(path => place === path || place.startsWith(`${path}/`));
	return isCopied ? place : undefined;
}

function alone({base, roles}: Installation): Finding[] {
	const others = roles.filter(role => role !== 'server');
	return others.length === 0
		? []
		: [
				{
					severity: 'blocker',
					id: 'roles',
					sentence:
						`Beside the server ${base} holds ${others.join(' and ')}, which share its environment; ` +
						'this version of omflow-tui upgrades a server alone.',
					remedy: 'Move them to another host first, or upgrade all of them by the vendor’s page.',
				},
			];
}

async function databasePlace({base, database}: Installation): Promise<Finding[]> {
	if (database.kind !== 'sqlite' || (database.file && (await placeInBackup(base, database.file)) !== undefined)) {
		return [];
	}

	const {file} = database;
	const real = file && (await realpath(file).catch(() => undefined));
	const sentence = real
		? `The database is ${real}, which a backup of ${base} does not hold.`
		: file
			? `The database ${file} is not there.`
			: 'Where the database is cannot be told from settings.py, so nothing says that the backup holds it.';
	return [
		{
			severity: 'blocker',
			id: 'database-place',
			sentence,
			...(real && real !== file ? {evidence: `${file} leads there.`} : {}),
			remedy:
				file && !real
					? 'Put it back, or correct DATABASES in settings.py.'
					: `Put the file itself into ${join(base, 'server')} and its plain path into settings.py, or upgrade by the vendor’s page.`,
		},
	];
}

/** A copy keeps links as they are: what they lead to is neither in the backup nor put back. */
async function linksOutside(base: string): Promise<Finding[]> {
	const root = await realpath(base);
	const found: string[] = [];
	const visit = async (directory: string): Promise<void> => {
		for (const entry of await readdir(join(root, directory), {withFileTypes: true}).catch(() => [])) {
			const place = join(directory, entry.name);
			if (entry.isDirectory() && !exclude.includes(place)) {
				await visit(place);
			} else if (entry.isSymbolicLink() && !exclude.includes(place)) {
				const target = await endOf(join(root, place));
				found.push(...(isInside(relative(root, target)) ? [] : [`${place} → ${target}`]));
			}
		}
	};
	await visit('');
	const more = found.length > shownLinks ? ` and ${found.length - shownLinks} more` : '';
	return found.length === 0
		? []
		: [
				{
					severity: 'warning',
					id: 'links-outside',
					sentence: `Links in ${base} lead out of it: ${found.slice(0, shownLinks).join(', ')}${more}.`,
					remedy:
						'The backup holds the links, not what they lead to. Back that up yourself if the new version may change it.',
				},
			];
}

const shownLinks = 5;

/** Where a link leads, also when nothing is there. */
async function endOf(link: string): Promise<string> {
	return realpath(link).catch(async () => resolve(dirname(link), await readlink(link)));
}

async function otherRuns({facts}: StepContext): Promise<Finding[]> {
	const names = await readdir(paths.aside(facts)).catch(() => []);
	const others = names.filter(name => name !== facts.run).map(name => join(paths.aside(facts), name));
	return others.length === 0
		? []
		: [
				{
					severity: 'blocker',
					id: 'other-run',
					sentence: `Another run left ${others.join(' and ')}, which may hold the only old environment.`,
					remedy:
						'See what became of that run with “omflow-tui status”. ' +
						`Remove this only when ${paths.environment(facts)} is the environment that OMFLOW needs.`,
				},
			];
}

/** What is no link could not be put back. */
export async function switchable(link?: string): Promise<Finding[]> {
	try {
		await pythonLink(link);
		return [];
	} catch (error) {
		return [
			{
				severity: 'blocker',
				id: 'python3-link',
				sentence: (error as Error).message,
				remedy: 'Upgrade without the python3 link; OMFLOW does not need it.',
			},
		];
	}
}

/** Whether a relative path stays below where it starts. */
function isInside(place: string): boolean {
	return place !== '' && place !== '..' && !place.startsWith('../');
}
