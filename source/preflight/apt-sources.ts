import type {Finding} from '../engine/state.js';
import {isConfigured} from '../host/apt.js';
import {askSources, type SourceAnswer} from '../host/apt-sources.js';
import {t} from '../locales/index.js';
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
				sentence: t('The package sources of this host cannot be asked.'),
				evidence: answers.message,
				remedy: t('Run “apt-get update” to see the error, and repair /etc/apt.'),
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
		return t('No package source is configured.');
	}

	const counts = {answers: answers.length, failing: failing.length};
	if (answers.length === 1) {
		return isOnlySlow
			? t('The package source did not answer in time; it may be slow.')
			: t('The package source cannot be used.');
	}

	return isOnlySlow
		? t('Of {answers} package sources {failing} did not answer in time; they may be slow.', counts)
		: t('Of {answers} package sources {failing} cannot be used.', counts);
}

function remedyFor({
	hasAll,
	isOnlySlow,
	isCutOff,
}: Readonly<Record<'hasAll' | 'isOnlySlow' | 'isCutOff', boolean>>): string {
	if (hasAll) {
		return t('All packages are installed, so the upgrade can do without; see to it that security updates still come.');
	}

	if (isOnlySlow) {
		return t('The upgrade waits longer, but stops when one does not answer then: see that “apt-get update” succeeds.');
	}

	return isCutOff
		? t('Check the network, and the proxy in /etc/apt/apt.conf.d and /etc/environment; then run “apt-get update”.')
		: t(
				'The upgrade stops when one list cannot be fetched: repair the source or take it out of /etc/apt, then run “apt-get update”.',
			);
}
