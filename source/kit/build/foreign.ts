import {join} from 'node:path';
import {StepError} from '../../engine/step.js';
import {type BuildRoot, homeOf} from '../../host/build-root.js';
import {fetchOne} from '../../host/pip.js';
import {platformTags} from '../../host/wheel.js';
import {t} from '../../locales/index.js';
import type {KitRequest} from '../request.js';
import type {BuildContext} from './facts.js';
import {giveText, pipInside} from './python.js';
import type {Resolved} from './report.js';

/**
For a server of another architecture, whose programs do not run here: the wheel of each package for it, else the source,
which the server then builds itself. Returns the folder with them.
*/
export async function collectForeign(
	context: BuildContext,
	root: BuildRoot,
	lock: readonly Resolved[],
	{platform, python}: KitRequest,
): Promise<string> {
	for (const [index, {name, version}] of lock.entries()) {
		const percent = Math.round((index / lock.length) * 100);
		context.show({
			kind: 'progress',
			stage: t('For {architecture}', {architecture: platform.architecture}),
			percent,
			current: name,
			facts: [],
		});
		await giveText(root, 'one.txt', `${name}==${version}\n`);
		const pip = pipInside(context, root, 'one.txt');
		const tags = platformTags({python, architecture: platform.architecture, glibc: platform.glibc});
		const hasWheel = await fetchOne(context, {...pip, folder: '/work/home/wheels', python, platforms: tags});
		if (!hasWheel && !(await fetchOne(context, {...pip, folder: '/work/home/wheels'}))) {
			throw new StepError(
				t('There is neither a wheel of {name} {version} for {architecture}, nor its source.', {
					name,
					version,
					architecture: platform.architecture,
				}),
				t('Take its line out of the list, or add a wheel of it with --wheels DIR.'),
			);
		}
	}

	return join(homeOf(root), 'wheels');
}
