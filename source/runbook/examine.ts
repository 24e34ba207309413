import type {Finding} from '../engine/state.js';
import {checkKit, namesFor} from '../kit/check.js';
import {aptFor, type Kit} from '../kit/taken.js';
import {checkAgain, preflight} from '../preflight/preflight.js';
import {needsOnTheWay, type Subject} from '../preflight/subject.js';

const weight = {blocker: 0, warning: 1, info: 2} as const;

/** Everything that would go wrong on the way, with the kit that is to be used, if there is one. Blockers first. */
export async function examine(subject: Subject, kit: Kit | undefined): Promise<readonly Finding[]> {
	const needs = needsOnTheWay(subject);
	if (!kit || !needs) {
		return preflight(subject);
	}

	const {runner, installation} = subject;
	const ofKit = await checkKit(runner, kit, installation, needs);
	const supply = {configuration: await aptFor(runner, kit), names: namesFor(kit.manifest, needs)};
	return [...ofKit, ...(await preflight({...subject, supply}))].sort((a, b) => weight[a.severity] - weight[b.severity]);
}

/** What of one name is to be told now, and what could not be looked at; `earlier` is what of it was told before, which says where to look. */
export async function examineAgain(
	subject: Subject,
	kit: Kit | undefined,
	id: string,
	earlier: readonly Finding[],
): Promise<readonly Finding[]> {
	const again = kit ? undefined : await checkAgain(subject, earlier);
	return again ?? (await examine(subject, kit)).filter(finding => finding.id === id || finding.id === 'check-failed');
}
