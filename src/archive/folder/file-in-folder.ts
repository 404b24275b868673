import path from 'node:path';

/** The path of a manifest's file; undefined where the manifest, as another hand may have written it, points out of the folder or nowhere. */
export function fileInFolder(folder: string, file: string | null): string | undefined {
  if (file === null || file === '' || file.includes('\0') || path.isAbsolute(file)) return undefined;
  const normal = path.normalize(file);
  return normal === '..' || normal.startsWith(`..${path.sep}`) ? undefined : path.join(folder, normal);
}
