import type {Finding} from '../engine/state.js';
import {isConfigured} from '../host/apt.js';
import {askSources} from '../host/apt-sources.js';

import {needsOnTheWay, type Subject} from './subject.js';

/** Whether the package sources answer, asked only when a hop needs packages. Takes `seconds` at most. */
export async function aptSources(subject: Subject, seconds = 5): Promise<readonly Finding[]> {
	const needs = needsOnTheWay(subject);
	if (!needs) {
		return [];
	}

	const {runner} = subject;
	const [hasAll, hasPython, answers] = await Promise.all([
		isConfigured(runner, needs.aptPackages).catch(() => false),
		isConfigured(runner, [`python${needs.python}`]).catch(() => false),
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
	if (failing.length === 0 && answers.length > 0) {
		return [];
	}

	const isCutOff = failing.length === answers.length;
	return [
		{
			severity: isCutOff && !hasPython ? 'blocker' : 'warning',
			id: 'apt-source-unreachable',
			sentence:
				answers.length === 0
					? 'No package source is configured.'
					: `Of ${answers.length} package sources ${failing.length} cannot be used.`,
			...(failing.length === 0 ? {} : {evidence: failing.map(each => `${each.source}: ${each.problem}`).join('\n')}),
			remedy: remedyFor(hasAll, isCutOff),
		},
	];
}

function remedyFor(hasAll: boolean, isCutOff: boolean): string {
	if (hasAll) {
		return 'All packages are installed, so the upgrade can do without; see to it that security updates still come.';
	}

	return isCutOff
		? 'Check the network, and the proxy in /etc/apt/apt.conf.d and /etc/environment; then run “apt-get update”.'
		: 'The upgrade stops when one list cannot be fetched: repair the source or take it out of /etc/apt, then run “apt-get update”.';
}
