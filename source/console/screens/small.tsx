import {Box, Text} from 'ink';
import {smallest} from '../layout.js';

/** Instead of a broken screen; the run is not touched by it. */
export function Small({columns, rows}: {readonly columns: number; readonly rows: number}) {
	return (
		<Box width={columns} height={rows} overflow="hidden">
			<Text wrap="wrap">
				Please make this terminal {smallest.columns}x{smallest.rows} or larger; it is {columns}x{rows}. The run goes on.
			</Text>
		</Box>
	);
}
