import {stat} from 'node:fs/promises';
import type {Finding} from '../engine/state.js';
import {StepError} from '../engine/step.js';
import {isDiskFull} from '../host/files.js';
import {t} from '../locales/index.js';
import {lookAt} from './eyes.js';
import {installationBefore, recorded, type StepContext} from './facts.js';
import {type Before, logsOf, oldVersionFindings, partsBefore, runs} from './parts.js';

/** Sizes of logs by path. A log that is not there yet has none. */
export type LogSizes = Readonly<Record<string, number>>;

export async function sizesOf(logs: readonly string[]): Promise<LogSizes> {
	const sizes = logs.map(async log => {
		const size = await stat(log).then(
			found => found.size,
			() => 0,
		);
		return [log, size] as const;
	});
	return Object.fromEntries(await Promise.all(sizes));
}

/**
How long the logs are before the old version is started again; of an earlier try, when it runs already. Undefined when it
was never stopped.
*/
export async function logsBeforeOld(context: StepContext, before: Before): Promise<LogSizes | undefined> {
	const wanted = partsBefore(context).filter(({role}) => before[role]?.ran);
	const run = await Promise.all(wanted.map(part => runs(context, part)));
	if (run.every(Boolean)) {
		return context.recall<LogSizes>(recorded.oldLogSizes);
	}

	const sizes = await sizesOf(logsOf(installationBefore(context)));
	await context.record(recorded.oldLogSizes, sizes).catch(error => {
		// Only a try after this one would need it.
		if (!isDiskFull(error)) {
			throw error;
		}
	});
	return sizes;
}

/** Looks at the old version, once it is back, with the eyes for the new one. Throws when it is certainly not well. */
export async function lookAtOld(
	context: StepContext,
	before: Before,
	since: LogSizes | undefined,
): Promise<readonly Finding[]> {
	const installation = installationBefore(context);
	const parts = partsBefore(context).filter(({role}) => before[role]?.ran);
	const all = [
		...(await oldVersionFindings(context)),
		...(await lookAt(context, {
			installation,
			parts,
			// What only had errors to say before is as it was.
			answering: parts.filter(({role}) => before[role]?.answered),
			since,
			python: /^\d+\.\d+/.exec(installation.environment.python)?.[0] ?? '',
		})),
	];
	// What it logs it may have logged before: as long as it answers, that is for people to read.
	const findings = all.map(
		(finding): Finding =>
			finding.id === 'wsgi-error' ? {...finding, severity: 'warning', health: 'unknown'} : finding,
	);
	context.show({kind: 'findings', findings});
	const bad = findings.filter(({health}) => health === 'bad');
	if (bad.length > 0) {
		throw new StepError(
			t('OMFLOW {version} was started again, but {bad}', {
				version: installation.version.text,
				bad: bad.map(({sentence}) => sentence).join(' '),
			}),
			bad.find(({remedy}) => remedy)?.remedy ?? t('Look at its log, or that of Apache.'),
			findings,
		);
	}

	return findings;
}
