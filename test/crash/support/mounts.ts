/**
 * File systems that a test may fill up or take the power from: a small tmpfs, and an ext4 in a
 * file, mounted over a loop device. Both need root and a kernel that allows mounting, which
 * containers often do not: `tmpfsRefusal` and `ext4Refusal` say why not, or are ''.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const mounted = new Set<string>()
process.on('exit', () => {
  for (const directory of mounted) run('umount', '-l', directory)
})

/** @returns '' or what went wrong */
function run(program: string, ...args: string[]): string {
  const result = spawnSync(program, args, { encoding: 'utf8' })
  if (result.status === 0) return ''
  return `${program}: ${(result.stderr ?? result.error?.message ?? '').trim() || 'failed'}`
}

function must(refusal: string): void {
  if (refusal !== '') throw new Error(refusal)
}

abstract class Mount {
  /** Everything of this mount lies here: where it is mounted, and the image of an ext4. */
  private readonly top = fs.mkdtempSync(path.join(os.tmpdir(), 'redstart-mount-'))
  readonly directory = path.join(this.top, 'mounted')
  protected readonly image = path.join(this.top, 'image')

  constructor() {
    fs.mkdirSync(this.directory)
  }

  protected abstract mountArguments(): string[]

  mount(): void {
    must(run('mount', ...this.mountArguments(), this.directory))
    mounted.add(this.directory)
  }

  unmount(): void {
    if (!mounted.has(this.directory)) return
    must(run('umount', this.directory))
    mounted.delete(this.directory)
  }

  close(): void {
    this.unmount()
    fs.rmSync(this.top, { recursive: true, force: true })
  }
}

export class Tmpfs extends Mount {
  private readonly bytes: number

  constructor(bytes: number) {
    super()
    this.bytes = bytes
  }

  protected mountArguments(): string[] {
    return ['-t', 'tmpfs', '-o', `size=${this.bytes}`, 'tmpfs']
  }
}

/** EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: as if the power went. Node has no ioctl. */
const SHUTDOWN = `use Fcntl; sysopen(my $d, $ARGV[0], O_RDONLY) or die $!;
  my $how = pack("L", 2); ioctl($d, 0x8004587d, $how) or die $!`

export class Ext4 extends Mount {
  /** Makes an empty file system of 64 MB. */
  constructor() {
    super()
    fs.writeFileSync(this.image, '')
    fs.truncateSync(this.image, 64 << 20)
    must(run('mkfs.ext4', '-q', '-F', this.image))
  }

  protected mountArguments(): string[] {
    return ['-t', 'ext4', '-o', 'loop', this.image]
  }

  /** From now on every operation fails, and what was not synced is lost. */
  cutPower(): void {
    must(run('perl', '-e', SHUTDOWN, this.directory))
  }
}

/** Tries it out; only mounting tells whether it works. */
function refusalOf(tryIt: () => Mount): string {
  if (process.platform !== 'linux') return 'not on Linux'
  if (process.getuid?.() !== 0) return 'not root'
  let mount: Mount | undefined
  try {
    mount = tryIt()
    mount.mount()
    if (mount instanceof Ext4) mount.cutPower()
    return ''
  } catch (error) {
    return (error as Error).message
  } finally {
    mount?.close()
  }
}

export const tmpfsRefusal = refusalOf(() => new Tmpfs(1 << 20))
export const ext4Refusal = refusalOf(() => new Ext4())
