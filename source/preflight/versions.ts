import type {Finding} from '../engine/state.js';
import {t} from '../locales/index.js';
import type {Release} from '../omflow/releases.js';
import {judgeUpdate, parseVersion, type Version, warnUpdate} from '../omflow/version.js';
import type {Subject} from './subject.js';

/** Whether each hop is allowed by the vendor's rule, from what is really installed. */
export async function versions({hops, installation, releases}: Subject): Promise<Finding[]> {
	let from = installation.version;
	const findings: Finding[] = [];
	for (const hop of hops) {
		const to = parseVersion(hop.to);
		findings.push(...judged(from, to, releases));
		from = to;
	}

	return findings;
}

function judged(from: Version, to: Version, releases: readonly Release[]): Finding[] {
	const judgement = judgeUpdate(from, to, {releases});
	if (!judgement.allowed) {
		return [{severity: 'blocker', id: 'version', sentence: judgement.reason, remedy: judgement.remedy}];
	}

	const sentence =
		judgement.kind === 'same'
			? t('{to} is installed already; its patch is applied once more.', {to: to.text})
			: t('{from} may be taken to {to}.', {from: from.text, to: to.text});
	return [{severity: 'info', id: 'version', sentence}, ...warnUpdate(from, to, {releases})];
}
