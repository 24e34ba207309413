import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {PlannedHop} from '../source/engine/places.js';
import {patchName} from '../source/omflow/patches.js';
import {releases} from '../source/omflow/releases.js';
import type {SampleShape} from '../source/rehearsal/sample-shape.js';
import {samplePatches} from '../source/rehearsal/steps.js';
import type {World} from './world.js';

export type Scenario = {
	readonly shape: SampleShape;
	/** The outcome of a run that nothing disturbs. */
	readonly outcome: 'kept' | 'rolled-back';
	/** Plans the run, on a server that is as it was built. Returns its name. */
	plan(world: World): Promise<string>;
};

const archive = (version: string) => `${samplePatches}/${patchName(version)}`;

/** A patch that changes files and database in every way it should not, and then fails. */
const spoiling = `#!/bin/bash
set -e
part=/opt/omflow/collector
[ -d $part ] || part=/opt/omflow/server
echo broken > $part/omflow/settings.py
rm -r $part/locale $part/manage.py
mkdir $part/new; echo new > $part/new/file; chmod 700 $part
echo 'version=9.9.9.9' > $part/omflow/syscom/version.bin
/usr/bin/python3 - $part/db.omflow <<'PYTHON'
import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
c.execute('CREATE TABLE half (x)')
c.execute('DELETE FROM ommission_mission')
c.commit()
PYTHON
exit 1
`;

async function spoilingArchive(world: World): Promise<string> {
	const folder = '/var/tmp/spoiling';
	await mkdir(world.path(folder, 'omflow_patch'), {recursive: true});
	await writeFile(world.path(folder, 'omflow_patch/patch.sh'), spoiling, {mode: 0o755});
	await world.inside('tar', '-czf', join(folder, 'patch.tar.gz'), '-C', folder, 'omflow_patch');
	return join(folder, 'patch.tar.gz');
}

const general = (file: string): PlannedHop => ({
	to: '1.1.6.3',
	runbook: 'general',
	options: {from: '1.1.6.1', archive: file},
});

const environment = (file: string): PlannedHop => {
	const needs = releases.find(({version}) => version === '1.2.0.0')?.needs;
	return {to: '1.2.0.0', runbook: 'environment', options: {from: '1.1.6.3', archive: file, ...(needs ? {needs} : {})}};
};

/** Plans to put back what an upgrade, which is carried out first, has kept. */
async function afterwards(world: World, hop: PlannedHop, from: string): Promise<string> {
	const upgrade = await world.plan(hop);
	await world.finish(upgrade);
	const backup = `/var/lib/omflow-tui/runs/${upgrade}/backup`;
	return world.plan({to: from, runbook: 'restore', options: {backup, name: upgrade}}, 'restore');
}

export const scenarios: Readonly<Record<string, Scenario>> = {
	general: {
		shape: 'collector',
		outcome: 'kept',
		plan: world => world.plan(general(archive('1.1.6.3'))),
	},
	'general-back': {
		shape: 'collector',
		outcome: 'rolled-back',
		plan: async world => world.plan(general(await spoilingArchive(world))),
	},
	restore: {
		shape: 'collector',
		outcome: 'kept',
		plan: world => afterwards(world, general(archive('1.1.6.3')), '1.1.6.1'),
	},
	environment: {
		shape: 'B',
		outcome: 'kept',
		plan: world => world.plan(environment(archive('1.2.0.0'))),
	},
	'environment-restore': {
		shape: 'B',
		outcome: 'kept',
		plan: world => afterwards(world, environment(archive('1.2.0.0')), '1.1.6.3'),
	},
	'environment-back': {
		shape: 'B',
		outcome: 'rolled-back',
		plan: async world => world.plan(environment(await spoilingArchive(world))),
	},
};
