import type {Step} from '../engine/step.js';
import {sampleEnvironment} from './sample-environment.js';
import {samplePackages} from './sample-packages.js';
import type {SampleOptions} from './sample-place.js';
import {sampleServer} from './sample-server.js';
import {sampleStart} from './sample-start.js';

export {samplePassword} from './sample-database.js';
export type {SampleOptions} from './sample-place.js';
export {type SampleShape, sampleShapes, sampleUrl} from './sample-shape.js';
export {type SampleStatus, sampleStatus} from './sample-start.js';

/**
The steps that build a small OMFLOW inside a view and make the patch archives for later versions, with real
packages, Python, Django, Apache, mod_wsgi and databases. They refuse to run anywhere else, and need the network.
*/
export function sampleSteps<Facts>(options: SampleOptions): Array<Step<Facts>> {
	return [samplePackages(options), sampleEnvironment(options), sampleServer(options), sampleStart(options)];
}
