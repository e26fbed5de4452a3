import type { Connections } from '../connections.ts';

/** A front end leaves in good order. 'gone': it was declared dead before. */
export async function leaveFrontEnd(connections: Connections, frontEndId: number): Promise<'left' | 'gone'> {
  const rows = await connections.call({
    name: 'leave_front_end',
    text: 'select * from api.leave_front_end($1)',
    values: [frontEndId],
  });
  return rows[0]![0] as 'left' | 'gone';
}
