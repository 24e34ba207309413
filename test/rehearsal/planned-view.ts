import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createRun} from '../../source/engine/launch.js';
import type {PlannedHop} from '../../source/engine/places.js';
import {networkEnvironment} from '../../source/host/environment.js';
import type {SampleShape} from '../../source/rehearsal/sample.js';
import {hostNetwork, openView, type View} from '../../source/rehearsal/view.js';
import {program} from './program.js';

/** A view of the test's own with a rehearsal planned in it, which `upgrade` carries out; it stays when the run is over. */
export type PlannedView = {
	readonly view: View;
	/** Seen in the view as `/var/lib/omflow-tui`. */
	readonly state: string;
	readonly wrap: (argv: readonly string[]) => readonly string[];
	close(): Promise<void>;
};

export async function openPlannedView(
	shape: SampleShape,
	hops: readonly PlannedHop[],
	bundle = program,
): Promise<PlannedView> {
	const directory = await mkdtemp(join(tmpdir(), 'omflow-tui-sample-'));
	try {
		const state = join(directory, 'state');
		const view = await openView({directory: join(directory, 'view'), stateDirectory: state, bundle});
		await createRun(state, {
			schema: 2,
			id: '20260101-000000',
			kind: 'rehearsal',
			host: 'here',
			to: hops.at(-1)?.to ?? '',
			hops,
			createdAt: Date.now(),
			unattended: true,
			networkNamespace: hostNetwork,
			networkEnvironment: await networkEnvironment(),
			options: {sample: true, shape, python3Link: false},
		});
		return {
			view,
			state,
			wrap: argv => view.enter(argv),
			async close() {
				await view.close();
				await rm(directory, {recursive: true, force: true});
			},
		};
	} catch (error) {
		await rm(directory, {recursive: true, force: true});
		throw error;
	}
}
