import {readdir, readFile, realpath} from 'node:fs/promises';
import path from 'node:path';
import {findApache, findWsgi, showPlace} from '../host/apache.js';
import {t} from '../locales/index.js';
import {type Role, roles, rolesIn} from './roles.js';
import {startedBy, systemdPlaces} from './service.js';

export type BasePlaces = {
	/** Where the vendor puts it. */
	readonly standard: string;
	/** Directories of systemd units, the first one wins. */
	readonly units: readonly string[];
	/** Apache's configuration directory; looked for when absent. */
	readonly apache?: string;
};

export type Base = {
	/** For example `/opt/omflow`. */
	readonly base: string;
	/** What says so, a sentence. */
	readonly because: string;
};

/**
Finds the directory of OMFLOW: the vendor's when a role is in it; else the one whose scripts systemd's units start; else
the one whose wsgi.py Apache serves. What is not on disk does not count. Undefined when there is none. Throws an Error
that lists them when there are several, since only the administrator knows which one is meant.
*/
export async function findBase(
	places: BasePlaces = {standard: '/opt/omflow', units: systemdPlaces.units},
): Promise<Base | undefined> {
	if ((await rolesIn(places.standard)).length > 0) {
		return {base: places.standard, because: t('{standard} is where the vendor puts it.', {standard: places.standard})};
	}

	return (await only(await basesOfUnits(places.units))) ?? only(await basesOfApache(places.apache));
}

/** The one that is on disk. Two paths of one directory are one. */
async function only(candidates: readonly Base[]): Promise<Base | undefined> {
	const found = new Map<string, Base>();
	for (const candidate of candidates) {
		const real = await realpath(candidate.base).catch(() => undefined);
		if (real !== undefined && !found.has(real) && (await rolesIn(real)).length > 0) {
			found.set(real, candidate);
		}
	}

	if (found.size > 1) {
		const list = [...found.values()].map(({base, because}) => `${base} (${because.replace(/\.$/, '')})`);
		throw new Error(
			t('There are several OMFLOWs on this host: {list}. Name one with --base DIR.', {list: list.join('; ')}),
		);
	}

	return [...found.values()][0];
}

async function basesOfUnits(directories: readonly string[]): Promise<Base[]> {
	const seen = new Set<string>();
	const found: Base[] = [];
	for (const directory of directories) {
		for (const name of (await readdir(directory).catch(() => [])).sort()) {
			// A unit of the same name in a directory before hides this one.
			if (!name.endsWith('.service') || seen.has(name)) {
				continue;
			}

			seen.add(name);
			const unit = path.join(directory, name);
			for (const word of startedBy(await readFile(unit, 'utf8').catch(() => ''))) {
				const role = (Object.keys(roles) as Role[]).find(role => word.endsWith(tail(role)));
				if (role && path.isAbsolute(word)) {
					found.push({
						base: word.slice(0, -tail(role).length) || '/',
						because: t('The unit {unit} starts {word}.', {unit, word}),
					});
				}
			}
		}
	}

	return found;
}

async function basesOfApache(configRoot: string | undefined): Promise<Base[]> {
	const apache = await findApache(configRoot);
	if (!apache) {
		return [];
	}

	const {scriptAliases} = await findWsgi(apache.root);
	return scriptAliases.flatMap(alias =>
		alias.values
			.filter(value => path.isAbsolute(value) && value.endsWith(wsgi))
			.map(value => ({
				base: value.slice(0, -wsgi.length) || '/',
				because: t('Apache serves {alias}.', {alias: showPlace(alias)}),
			})),
	);
}

const wsgi = '/server/omflow/wsgi.py';

function tail(role: Role): string {
	return `/${roles[role].folder}/${roles[role].script}`;
}
