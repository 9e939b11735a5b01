/** CLIENT: the container of the commands about connections. */
import { command } from '../command.ts'
import { clientHelp } from './client-help.ts'
import { clientGetName, clientId, clientSetInfo, clientSetName } from './client-identity.ts'
import { clientKill, clientUnblock } from './client-kill.ts'
import { clientInfo, clientList } from './client-list.ts'
import { clientNoEvict, clientNoTouch, clientReply } from './client-modes.ts'
import { clientPause, clientUnpause } from './client-pause.ts'
import {
  clientCaching,
  clientGetRedir,
  clientTracking,
  clientTrackingInfo,
} from './client-tracking.ts'

export const client = command({
  name: 'CLIENT',
  group: 'connection',
  since: '2.4.0',
  complexity: 'Depends on subcommand.',
  summary: 'Commands about the connections of clients.',
  arity: -2,
  flags: [],
  subcommands: [
    clientCaching,
    clientGetName,
    clientGetRedir,
    clientHelp,
    clientId,
    clientInfo,
    clientKill,
    clientList,
    clientNoEvict,
    clientNoTouch,
    clientPause,
    clientReply,
    clientSetInfo,
    clientSetName,
    clientTracking,
    clientTrackingInfo,
    clientUnblock,
    clientUnpause,
  ],
})
