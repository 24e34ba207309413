import type {Plan} from '../../engine/places.js';
import type {Step} from '../../engine/step.js';
import type {Route} from '../../engine/worker.js';
import {t} from '../../locales/index.js';
import {type BuildFacts, buildFacts, built} from './facts.js';
import {lists} from './lists.js';
import {type Packed, pack} from './pack.js';
import {packages} from './packages.js';
import {pythonPackages} from './python.js';
import {request} from './request.js';
import {requirements} from './requirements.js';
import {buildRoot} from './root.js';

/** From a server's request to the archive for it, on a machine with a network. Nothing is installed on it. */
export const kitSteps: ReadonlyArray<Step<BuildFacts>> = [
	request,
	requirements,
	lists,
	packages,
	buildRoot,
	pythonPackages,
	pack,
];

/** The way of a plan that builds a kit; `run` is its directory. */
export function buildRoute(plan: Plan, run: string): Route<BuildFacts> {
	return {
		hops: [
			{
				to: plan.to,
				steps: kitSteps,
				facts: buildFacts(plan, run),
				ending(recall) {
					const packed = recall<Packed>(built.archive);
					return t('The kit is complete: {file}, {packed} MB, SHA-256 {sha256}.', {
						file: packed?.file,
						packed: ((packed?.bytes ?? 0) / 1e6).toFixed(0),
						sha256: packed?.sha256,
					});
				},
			},
		],
		probe: async () => undefined,
	};
}
