import {access} from 'node:fs/promises';
import {join} from 'node:path';
import type {Finding, Health} from '../../engine/state.js';
import type {Step} from '../../engine/step.js';
import {becomesTrue} from '../../host/service.js';
import {mark, t} from '../../locales/index.js';
import type {Part} from '../../omflow/installation.js';
import {lookAt} from '../eyes.js';
import {type Facts, installationWanted, recorded, type StepContext} from '../facts.js';
import {partsAnswering, partsWanted, versionFindings} from '../parts.js';
import {seen, verdictOf} from '../verdict.js';

/** What the newest look at the new version has shown, as the ledger keeps it. */
export type Seen = {readonly verdict: Health; readonly doubts: readonly Finding[]};

/** Looks at the new version from every side before anybody is asked to keep it. */
export const health: Step<Facts> = {
	id: 'health',
	title: mark('Health check'),
	phase: 'confirm',
	async look() {
		return 'todo';
	},
	async do() {
		// Looking is all there is to do; `verify` does it.
	},
	async verify(context) {
		return lookAtNew(context);
	},
};

/** Looks at the new version, shows what is seen and keeps the verdict for the decision. */
export async function lookAtNew(context: StepContext): Promise<readonly Finding[]> {
	const parts = partsWanted(context);
	const findings = (
		await Promise.all([
			versionFindings(context),
			lookAt(context, {
				installation: installationWanted(context),
				parts,
				answering: partsAnswering(context),
				since: context.recall<Record<string, number>>(recorded.logPositions) ?? {},
				python: expectedPython(context),
			}),
			...parts.map(leftover),
		])
	).flat();
	const doubts = findings.filter(finding => finding.health === 'unknown');
	await context.record(recorded.seen, {verdict: verdictOf(findings), doubts} satisfies Seen);
	context.show({kind: 'findings', findings});
	return findings;
}

/** Minor version Apache must embed: that of the new environment, or of the one that stays. Empty when not known. */
function expectedPython(context: StepContext): string {
	const {environment} = installationWanted(context);
	return context.facts.needs?.python ?? /^\d+\.\d+/.exec(environment.python)?.[0] ?? '';
}

/** OMFLOW runs and deletes tmp.py on its first start, and swallows every error in it. */
async function leftover({directory}: Part): Promise<Finding[]> {
	const path = join(directory, 'tmp.py');
	const isGone = await becomesTrue(async () => {
		try {
			await access(path);
			return false;
		} catch {
			return true;
		}
	}, 15_000);
	return isGone
		? []
		: [
				seen('unknown', 'tmp-py', t('{path} is still there: OMFLOW did not finish its first start.', {path}), {
					remedy: t('Look at the log of OMFLOW.'),
				}),
			];
}
