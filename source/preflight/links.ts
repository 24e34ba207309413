import {readdir, readlink, realpath} from 'node:fs/promises';
import {dirname, join, relative, resolve} from 'node:path';
import type {Finding} from '../engine/state.js';
import {pythonLink} from '../host/alternatives.js';
import {t} from '../locales/index.js';
import {excludedFrom, isInside} from './scope.js';
import {needsOnTheWay, type Subject} from './subject.js';

const shownLinks = 5;

/** A copy keeps links as they are: what they lead to is neither in the backup nor put back. */
export async function linksOutside(subject: Subject): Promise<Finding[]> {
	const {base} = subject.installation;
	const needs = needsOnTheWay(subject);
	// Every environment has links to the interpreter of the system. Where it stays, it must not be a link itself.
	const exclude = new Set([...excludedFrom({needs}), 'python']);
	const matters = (place: string) => !exclude.has(place) || (place === 'python' && !needs);
	const root = await realpath(base);
	const found: string[] = [];
	const visit = async (directory: string): Promise<void> => {
		for (const entry of await readdir(join(root, directory), {withFileTypes: true}).catch(() => [])) {
			const place = join(directory, entry.name);
			if (entry.isDirectory() && !exclude.has(place)) {
				await visit(place);
			} else if (entry.isSymbolicLink() && matters(place)) {
				const target = await endOf(join(root, place));
				found.push(...(isInside(relative(root, target)) ? [] : [`${place} → ${target}`]));
			}
		}
	};
	await visit('');
	const more = found.length > shownLinks ? t(' and {count} more', {count: found.length - shownLinks}) : '';
	return found.length === 0
		? []
		: [
				{
					severity: 'warning',
					id: 'links-outside',
					sentence: t('Links in {base} lead out of it: {found}{more}.', {
						base,
						found: found.slice(0, shownLinks).join(', '),
						more,
					}),
					remedy: t(
						'The backup holds the links, not what they lead to. Back that up yourself if the new version may change it.',
					),
				},
			];
}

/** Where a link leads, also when nothing is there. */
async function endOf(link: string): Promise<string> {
	return realpath(link).catch(async () => resolve(dirname(link), await readlink(link).catch(() => '')));
}

/** A python3 that is no link could be switched, but not put back. */
export async function switchable({python3Link}: Pick<Subject, 'python3Link'>, link?: string): Promise<Finding[]> {
	if (!python3Link) {
		return [];
	}

	try {
		await pythonLink(link);
		return [];
	} catch (error) {
		return [
			{
				severity: 'blocker',
				id: 'python3-link',
				sentence: (error as Error).message,
				remedy: t('Upgrade without the python3 link; OMFLOW does not need it.'),
			},
		];
	}
}
