import type {Layer} from './layer.js';
/** With OMFLOW 1.1.6.3. */
export async function makeSample(base: Layer): Promise<Layer> {
	throw new Error(`not there yet ${base.key}`);
}
