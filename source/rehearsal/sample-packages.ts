import {type Context, type Step, StepError} from '../engine/step.js';
import {CommandError} from '../host/process.js';
import {insideViewOnly, isMarked, refuseRealInstallation, setMark} from './sample-place.js';
import {findOldPython} from './sample-python.js';

/** Nothing of a package may ask, and a lock held by somebody else is waited for, in seconds. */
const aptOptions = [
	'-q',
	'-y',
	'-o',
	'Dpkg::Use-Pty=0',
	'-o',
	'Dpkg::Options::=--force-confdef',
	'-o',
	'Dpkg::Options::=--force-confold',
	'-o',
	'DPkg::Lock::Timeout=120',
];

const quiet = {
	DEBIAN_FRONTEND: 'noninteractive',
	APT_LISTCHANGES_FRONTEND: 'none',
	NEEDRESTART_SUSPEND: '1',
	UCF_FORCE_CONFFOLD: '1',
};

/** Apache, and what builds the old environment's mod_wsgi. */
const always = ['apache2', 'apache2-dev', 'gcc', 'libc6-dev', 'openssl'];

export function samplePackages<Facts>(): Step<Facts> {
	return {
		id: 'sample-packages',
		title: 'Sample: packages',
		phase: 'sample',
		async look(context) {
			await insideViewOnly();
			return (await isMarked('complete')) || (await missing(context)).length === 0 ? 'done' : 'todo';
		},
		async do(context) {
			await insideViewOnly();
			await refuseRealInstallation();
			await setMark('begun');
			const names = await missing(context);
			const facts = [['Packages', names.join(' ')]] as const;
			context.show({kind: 'progress', stage: 'Reading package lists', facts});
			// One broken source of the host is no reason to stop: what cannot be had shows at the download.
			await context.run(['apt-get', 'update', '-q'], {network: true, env: quiet, accept: [0, 100]});
			context.show({kind: 'progress', stage: 'Downloading', percent: 10, facts});
			// A download that was cut leaves half-configured packages only if dpkg ran, which this puts right.
			await context.run(['dpkg', '--configure', '-a'], {env: quiet});
			await install(context, ['--download-only', ...names], true);
			context.show({kind: 'progress', stage: 'Installing', percent: 50, facts});
			await install(context, ['--no-download', ...names], false);
			context.show({kind: 'progress', stage: 'Installed', percent: 100, facts});
		},
		async verify(context) {
			if (await isMarked('complete')) {
				return [];
			}

			const names = await missing(context);
			return names.map(name => ({
				severity: 'blocker' as const,
				id: 'sample-package-missing',
				sentence: `The package ${name} is not installed, so the sample server cannot be built.`,
				remedy: 'Look into the log of this step; the package sources of this machine must offer it.',
			}));
		},
	};
}

async function install<Facts>(context: Context<Facts>, argv: readonly string[], network: boolean): Promise<void> {
	try {
		await context.run(['apt-get', 'install', ...aptOptions, ...argv], {network, env: quiet});
	} catch (error) {
		if (error instanceof CommandError && network) {
			throw new StepError(
				`The packages of the sample server could not be downloaded: ${error.message}. ${error.lastOutput}`,
				'The sample needs the package sources of this machine. Check the network, proxies and sources with: apt-get update',
			);
		}

		throw error;
	}
}

/** Needed packages that are not installed, by dpkg's own word. */
async function missing<Facts>(context: Context<Facts>): Promise<string[]> {
	const wanted = [...always, ...(await findOldPython(context)).packages];
	const query = ['dpkg-query', '-W', '-f', '${Package} ${db:Status-Status}\n', ...wanted];
	const {stdout} = await context.capture(query, {accept: [0, 1]});
	const installed = new Set(
		stdout.split('\n').flatMap(line => (line.endsWith(' installed') ? line.split(' ')[0] : [])),
	);
	return wanted.filter(name => !installed.has(name));
}
