/*
What kits are for, carried out at full length with servers of the lab: npm run kits -- [PART …]

A release of Debian builds the kit on a machine of that release, and the server, which is Debian 12, looks whether it is
complete. The other parts upgrade or rehearse on a server without a network.
*/
import {prepareHost} from '../test/lab/lab.js';
import {Machines} from './machines.js';
import {builtOn, folders, hops, type Part, rehearsal} from './parts.js';

const parts: Readonly<Record<string, Part>> = {
	trixie: builtOn('trixie'),
	bullseye: builtOn('bullseye'),
	rehearse: rehearsal,
	folders,
	hops,
};

const given = process.argv.slice(2);
const unknown = given.find(name => !parts[name]);
if (unknown) {
	process.stderr.write(`There is no part “${unknown}”, only ${Object.keys(parts).join(', ')}.\n`);
	process.exit(2);
}

const reason = await prepareHost();
if (reason) {
	process.stderr.write(`There is no server to try a kit on: ${reason}.\n`);
	process.exit(1);
}

for (const name of given.length > 0 ? given : Object.keys(parts)) {
	const machines = new Machines();
	const began = performance.now();
	let says: string;
	try {
		says = (await parts[name]?.(machines)) ?? '';
	} catch (error) {
		says = `FAILED\n${(error as Error).stack}`;
		process.exitCode = 1;
	} finally {
		await machines.stop();
	}

	process.stdout.write(`${name}: ${((performance.now() - began) / 1000).toFixed(0)} s, ${says}\n`);
}
