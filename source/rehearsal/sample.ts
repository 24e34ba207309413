import type {Step} from '../engine/step.js';
import {sampleEnvironment} from './sample-environment.js';
import {samplePackages} from './sample-packages.js';
import type {SampleOptions} from './sample-place.js';
import {sampleServer} from './sample-server.js';
import {sampleStart} from './sample-start.js';

export {place as samplePlace, type SampleOptions, type SiteShape, sampleUrl, sampleVersion} from './sample-place.js';
export {type SampleStatus, sampleStatus} from './sample-start.js';

/**
The steps that build a small OMFLOW 1.1.6.3 inside a view and make the patch archive for 1.2.0.0, with real
packages, Python, Django, Apache and mod_wsgi. They refuse to run anywhere else, and need the network.
*/
export function sampleSteps<Facts>(options: SampleOptions): Array<Step<Facts>> {
	return [samplePackages(), sampleEnvironment(), sampleServer(options), sampleStart(options)];
}
