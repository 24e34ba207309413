import type {Finding} from '../engine/state.js';
import {t} from '../locales/index.js';
import {releases} from '../omflow/releases.js';
import {compareVersions, parseVersion, type Version} from '../omflow/version.js';
import type {Subject} from './subject.js';

/**
Whether the environment is of the Python that the installed version runs on. Links and mounts, and environments that
do not run, are told elsewhere (`cannotStage` of `host/venv.ts`, and what `findInstallation` finds).
*/
export async function environmentPython({installation}: Subject): Promise<readonly Finding[]> {
	const {environment, version} = installation;
	const has = minorOf(environment.python);
	if (!environment.runs || has === undefined) {
		return [];
	}

	const madeWith = minorOf(environment.madeWith ?? '');
	if (madeWith !== undefined && madeWith !== has) {
		return [
			{
				severity: 'warning',
				id: 'environment-python',
				sentence: t('{path} was made with Python {madeWith} but runs {has}, so it does not find its own packages.', {
					path: environment.path,
					madeWith,
					has,
				}),
				evidence: t('pyvenv.cfg says {madeWith}, bin/python says {python}.', {
					madeWith: environment.madeWith,
					python: environment.python,
				}),
				remedy: t(
					'Install Python {madeWith} again, or see with “{path}/bin/python -m pip list” that all packages are there.',
					{madeWith, path: environment.path},
				),
			},
		];
	}

	const mismatch = mismatchOf(version, has);
	return mismatch === undefined
		? []
		: [
				{
					severity: 'warning',
					id: 'environment-python',
					sentence: t('{path} is of Python {has}, but {mismatch}.', {path: environment.path, has, mismatch}),
					remedy: t(
						'See with “omflow-tui status” whether an upgrade was cut, and that OMFLOW runs; else put the environment back from a backup.',
					),
				},
			];
}

/** What an installed version calls for instead of the Python that is there. Before 1.2.0.0 only the new one is wrong. */
function mismatchOf(version: Version, has: string): string | undefined {
	const changes = releases.filter(release => release.needs);
	const reached = changes.findLast(release => compareVersions(parseVersion(release.version), version) <= 0);
	if (reached?.needs) {
		return reached.needs.python === has
			? undefined
			: t('OMFLOW {version} runs on Python {python}', {version: version.text, python: reached.needs.python});
	}

	const next = changes.find(release => release.needs?.python === has);
	return (
		next &&
		t('OMFLOW runs on that only from {version} on, and {installed} is installed', {
			version: next.version,
			installed: version.text,
		})
	);
}

function minorOf(python: string): string | undefined {
	return /^\d+\.\d+/.exec(python)?.[0];
}
