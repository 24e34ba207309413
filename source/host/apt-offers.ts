import {configured} from './apt.js';
import {type Offer, parseOffers, parsePolicy} from './apt-output.js';
import {type AptSettings, aptEnvironment, configuredBy} from './apt-run.js';
import {withoutSecrets} from './environment.js';
import type {Runner} from './process.js';

export type Offered = {
	readonly name: string;
	/** Whether it is installed and configured. */
	readonly installed: boolean;
	/** The version that is on the disk, configured or not. */
	readonly version?: string;
	/** What apt would install. Absent when no source has it. */
	readonly candidate?: string;
	/** All versions apt knows, highest first. */
	readonly offers: readonly Offer[];
};

/** What apt has of each package, from the lists as they are now. Throws an Error when apt cannot be asked. */
export async function offered(
	runner: Runner,
	names: readonly string[],
	settings: Pick<AptSettings, 'configuration'> = {},
): Promise<readonly Offered[]> {
	const [there, {stdout}] = await Promise.all([
		configured(runner, names),
		runner.capture(['apt-cache', ...configuredBy(settings), 'policy', ...names], {env: aptEnvironment}),
	]);
	const text = withoutSecrets(stdout);
	const policies = parsePolicy(text);
	const tables = parseOffers(text);
	return names.map(name => {
		const {installed: version, candidate} = policies.get(name) ?? {};
		return {
			name,
			installed: there.includes(name),
			...(version === undefined ? {} : {version}),
			...(candidate === undefined ? {} : {candidate}),
			offers: tables.get(name) ?? [],
		};
	});
}
