/* Making photos smaller before they travel, without losing when and where they were taken.

   The picture is drawn anew at most 1600 pixels wide, as finely as ENOUGH_BYTES allow; the EXIF block of the original JPEG is put back in
   front, with its orientation set to upright, because the drawn picture is upright already. */
const ENOUGH_BYTES = 300_000;
const TRIES = [
  [1600, 0.84],
  [1600, 0.72],
  [1600, 0.6],
  [1280, 0.6],
  [1280, 0.45],
];

export async function shrink(file) {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size <= ENOUGH_BYTES) return file;
  try {
    const picture = await createImageBitmap(file);
    let blob = null;
    for (const [side, quality] of TRIES) {
      blob = await drawn(picture, side, quality);
      if (!blob || blob.size <= ENOUGH_BYTES) break;
    }
    picture.close();
    if (!blob || blob.size >= file.size) return file;
    const parts = await withExif(file, blob);
    return new File(parts, file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
  } catch {
    return file; // the server copes with the original, and says so if it cannot
  }
}

function drawn(picture, side, quality) {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; // a JPEG has no transparency: what was see-through is paper, not night
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}

async function withExif(file, blob) {
  const head = new DataView(await file.slice(0, 131_072).arrayBuffer());
  const exif = exifSegment(head);
  return exif ? [blob.slice(0, 2), exif, blob.slice(2)] : [blob];
}

/** The APP1 Exif segment of a JPEG with orientation 1, or null. */
export function exifSegment(view) {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 10 < view.byteLength && view.getUint8(at) === 0xff) {
    const length = view.getUint16(at + 2);
    const end = at + 2 + length;
    if (view.getUint8(at + 1) === 0xe1 && view.getUint32(at + 4) === 0x45786966 && end <= view.byteLength) {
      const segment = view.buffer.slice(at, end);
      makeUpright(new DataView(segment));
      return segment;
    }
    if (view.getUint8(at + 1) === 0xda) return null;
    at = end;
  }
  return null;
}

function makeUpright(segment) {
  const tiff = 10;
  const little = segment.getUint16(tiff) === 0x4949;
  const directory = tiff + segment.getUint32(tiff + 4, little);
  const entries = segment.getUint16(directory, little);
  for (let index = 0; index < entries; index++) {
    const entry = directory + 2 + index * 12;
    if (segment.getUint16(entry, little) === 0x0112) segment.setUint16(entry + 8, 1, little);
  }
}

/** A small picture of the file on a canvas; null for what the browser cannot draw (HEIC). */
export async function thumbnail(file, side = 320) {
  try {
    const picture = await createImageBitmap(file);
    const scale = side / Math.max(picture.width, picture.height);
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return canvas;
  } catch {
    return null;
  }
}
