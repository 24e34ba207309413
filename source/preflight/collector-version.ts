import type {Finding} from '../engine/state.js';
import {t} from '../locales/index.js';
import {compareVersions} from '../omflow/version.js';
import type {Subject} from './subject.js';

/** Whether server and collector of one host, which share an environment, are of the same version. */
export async function collectorVersion({installation}: Subject): Promise<readonly Finding[]> {
	return installation.beside
		.filter(part => compareVersions(part.version, installation.version) !== 0)
		.map(part => {
			const order = compareVersions(part.version, installation.version);
			const [older, newer] = order < 0 ? [part, installation] : [installation, part];
			return {
				severity: 'warning',
				id: 'collector-version',
				sentence: t('The {role} has {version}, but the {otherRole} beside it has {otherVersion}.', {
					role: installation.role,
					version: installation.version.text,
					otherRole: part.role,
					otherVersion: part.version.text,
				}),
				evidence: [installation, part].map(({directory, version}) => `${directory}: ${version.text}`).join('\n'),
				remedy: t(
					'Update the {role} to {version} first, or see in the vendor’s page that the patch is for both versions.',
					{role: older.role, version: newer.version.text},
				),
			};
		});
}
