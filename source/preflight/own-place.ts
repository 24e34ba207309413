import type {Finding} from '../engine/state.js';
import {isBelow, nearest} from '../host/mounts.js';
import {t} from '../locales/index.js';
import type {Subject} from './subject.js';

/** Whether this program and what it keeps are apart from the folder whose contents it replaces and puts back. */
export async function ownPlace(
	{installation, state}: Subject,
	places: {program?: string; node?: string; current?: string | undefined} = {},
): Promise<readonly Finding[]> {
	const base = await nearest(installation.base);
	const inside = async (path: string | undefined) =>
		path !== undefined && isBelow(await nearest(path), base) ? [path] : [];
	const {program = process.argv[1], node = process.execPath} = places;
	const current = 'current' in places ? places.current : currentFolder();
	const [programs, nodes, states, folders] = await Promise.all([program, node, state, current].map(inside));
	return [
		...finding(
			'blocker',
			t('This program'),
			programs,
			t('Copy it to another folder, for example /opt/omflow-tui, and start it there.'),
		),
		...finding(
			'blocker',
			t('The Node that runs this program'),
			nodes,
			t('Use a Node in another folder, for example /opt/omflow-tui.'),
		),
		...finding(
			'blocker',
			t('The folder where runs are kept'),
			states,
			t('Give another one with --state-dir, or leave that out.'),
		),
		...finding('warning', t('Your working folder'), folders, t('Go elsewhere first: “cd /”.')),
	];

	function finding(
		severity: Finding['severity'],
		what: string,
		paths: readonly string[] = [],
		remedy: string,
	): readonly Finding[] {
		return paths.map(path => ({
			severity,
			id: 'inside-tree',
			sentence: t('{what} is in {path}, inside {base}, which the upgrade replaces and puts back.', {
				what,
				path,
				base: installation.base,
			}),
			remedy,
		}));
	}
}

/** Undefined when it was deleted. */
function currentFolder(): string | undefined {
	try {
		return process.cwd();
	} catch {
		return undefined;
	}
}
