#!/usr/bin/env node
/** The `redstart` executable: a flag that only asks for information, or else the server. */
import { argv, exit } from 'node:process'
import { inform } from './information.ts'
import { runServer } from './server-process.ts'

const status = inform(argv[2])
if (status !== null) exit(status)
// An error in starting is an unhandled rejection, which ends the process with its stack.
void runServer(argv.slice(2))
