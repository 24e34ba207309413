import type {Finding} from '../engine/state.js';
import {apacheFindings} from '../host/apache.js';
import {t} from '../locales/index.js';
import {needsOnTheWay, type Subject} from './subject.js';

/** What is to be known about mod_wsgi: other sites, a module of the distribution's, more than one line that loads it. */
export async function apache(subject: Subject): Promise<Finding[]> {
	const {hops, installation} = subject;
	if (!installation.apache) {
		return [];
	}

	const findings = await apacheFindings(installation.apache, {base: installation.base});
	return hops.length > 0 && !needsOnTheWay(subject) ? findings.flatMap(whereAllStays) : findings;
}

/** Without a new Python Apache is only stopped and started. */
function whereAllStays(finding: Finding): Finding[] {
	return finding.id === 'apache-other-sites'
		? [
				{
					...finding,
					sentence: t('Other sites share this Apache: they are down as long as OMFLOW is.'),
					remedy: t('Tell their users.'),
				},
			]
		: [];
}
