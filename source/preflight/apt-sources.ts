import type {Finding} from '../engine/state.js';
import {isConfigured} from '../host/apt.js';
import {askSources, type SourceAnswer} from '../host/apt-sources.js';
import {needsOnTheWay, type Subject} from './subject.js';

/**
Whether the package sources answer, asked only when a hop needs packages. Takes `seconds` at most. While a package is
missing, the run fetches all lists and stops at the first that it cannot have (`updateLists`); but it has more patience
than this check, so one that is only slow does not block.
*/
export async function aptSources(subject: Subject, seconds = 5): Promise<readonly Finding[]> {
	const needs = needsOnTheWay(subject);
	if (!needs || subject.supply) {
		return [];
	}

	const {runner} = subject;
	const [hasAll, answers] = await Promise.all([
		isConfigured(runner, needs.aptPackages).catch(() => false),
		askSources(runner, seconds).catch((error: Error) => error),
	]);
	if (answers instanceof Error) {
		return [
			{
				severity: hasAll ? 'warning' : 'blocker',
				id: 'apt-sources-unreadable',
				sentence: 'The package sources of this host cannot be asked.',
				evidence: answers.message,
				remedy: 'Run “apt-get update” to see the error, and repair /etc/apt.',
			},
		];
	}

	const failing = answers.filter(({problem}) => problem !== undefined);
	if (answers.length > 0 && failing.length === 0) {
		return [];
	}

	const isOnlySlow = failing.length > 0 && failing.every(({isSlow}) => isSlow);
	return [
		{
			severity: hasAll || isOnlySlow ? 'warning' : 'blocker',
			id: 'apt-source-unreachable',
			sentence: sentenceFor(answers, failing, isOnlySlow),
			...(failing.length === 0 ? {} : {evidence: failing.map(each => `${each.source}: ${each.problem}`).join('\n')}),
			remedy: remedyFor({hasAll, isOnlySlow, isCutOff: failing.length === answers.length}),
		},
	];
}

function sentenceFor(answers: readonly SourceAnswer[], failing: readonly SourceAnswer[], isOnlySlow: boolean): string {
	if (answers.length === 0) {
		return 'No package source is configured.';
	}

	const some = `Of ${answers.length} package sources ${failing.length}`;
	return isOnlySlow ? `${some} did not answer in time; they may be slow.` : `${some} cannot be used.`;
}

function remedyFor({
	hasAll,
	isOnlySlow,
	isCutOff,
}: Readonly<Record<'hasAll' | 'isOnlySlow' | 'isCutOff', boolean>>): string {
	if (hasAll) {
		return 'All packages are installed, so the upgrade can do without; see to it that security updates still come.';
	}

	if (isOnlySlow) {
		return 'The upgrade waits longer, but stops when one does not answer then: see that “apt-get update” succeeds.';
	}

	return isCutOff
		? 'Check the network, and the proxy in /etc/apt/apt.conf.d and /etc/environment; then run “apt-get update”.'
		: 'The upgrade stops when one list cannot be fetched: repair the source or take it out of /etc/apt, then run “apt-get update”.';
}
