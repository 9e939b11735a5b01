/** The simulated disk, with the directories that the tests of configuration need. */
import { SimulatedDisk } from '../../support/simulated-disk.ts'

export { systemError } from '../../support/simulated-disk.ts'

export class MemoryFiles extends SimulatedDisk {
  constructor() {
    super({ directories: ['/etc/redstart', '/data'] })
  }
}
