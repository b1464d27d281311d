// Tells file systems of this machine from others, on which another machine can change a file while
// this one still sees its old times.
import { statfsSync } from 'node:fs';

/** By the `f_type` of statfs(2): ext2 to ext4, XFS, Btrfs, tmpfs, overlayfs, ZFS, F2FS, bcachefs. */
const LOCAL_TYPES = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1, 0xf2f52010, 0xca451a4e,
]);

/** Whether the file or folder is on such a file system. */
export function isLocal(path: string): boolean {
  try {
    return LOCAL_TYPES.has(statfsSync(path).type);
  } catch {
    return false;
  }
}
