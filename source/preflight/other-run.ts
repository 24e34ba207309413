import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {Finding} from '../engine/state.js';
import {list, t} from '../locales/index.js';
import {asideOf} from './scope.js';
import type {Subject} from './subject.js';

/** What another run left aside may be the only old environment. */
export async function otherRuns({installation: {base, environment}, run}: Subject): Promise<Finding[]> {
	const names = await readdir(asideOf(base)).catch(() => []);
	const others = names.filter(name => name !== run?.name).map(name => join(asideOf(base), name));
	return others.length === 0
		? []
		: [
				{
					severity: 'blocker',
					id: 'other-run',
					sentence: t('Another run left {others}, which may hold the only old environment.', {
						others: list(others),
					}),
					remedy: t(
						'See what became of that run with “omflow-tui status”. Remove this only when {path} is the environment that OMFLOW needs.',
						{path: environment.path},
					),
				},
			];
}
