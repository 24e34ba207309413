import {Box, Text} from 'ink';
import {t} from '../../locales/index.js';
import {smallest} from '../layout.js';

/** Instead of a broken screen; the run is not touched by it. */
export function Small({columns, rows}: {readonly columns: number; readonly rows: number}) {
	return (
		<Box width={columns} height={rows} overflow="hidden">
			<Text wrap="wrap">
				{t('Please make this terminal {least} or larger; it is {size}. The run goes on.', {
					least: `${smallest.columns}x${smallest.rows}`,
					size: `${columns}x${rows}`,
				})}
			</Text>
		</Box>
	);
}
