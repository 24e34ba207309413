import type {SampleShape} from '../../source/rehearsal/sample-shape.js';
import {makeBase} from './base.js';
import {makeSample} from './sample.js';
import {type Server, startOn} from './server.js';

export {makeBase} from './base.js';
export {waitFor} from './commands.js';
export {prepareHost} from './host.js';
export {installProgram} from './program.js';
export {makeSample, patchArchive} from './sample.js';
export type {Server} from './server.js';
export * from './ssh.js';

export type StartOptions = {
	/** With OMFLOW 1.1.6.3 installed and running. Default: true. */
	readonly omflow?: boolean;
	/** What of OMFLOW it has, and in which version; see `sampleShapes`. Default: `B`. */
	readonly shape?: SampleShape;
	/** With a way to package sources. Default: true. */
	readonly network?: boolean;
	/** Another release of Debian, for example `trixie`; without OMFLOW. */
	readonly release?: string;
};

/** Boots a disposable server; layers that are not there yet are made first. */
export async function startServer({
	release,
	omflow = release === undefined,
	shape,
	network = true,
}: StartOptions = {}): Promise<Server> {
	const base = await makeBase(release);
	return startOn({layers: omflow ? [await makeSample(base, shape), base] : [base], network});
}
