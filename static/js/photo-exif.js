/* Where and when a photo was taken, read from its EXIF block in the browser (JPEG and HEIC); the server reads
   it again, believes no more than this, and keeps none of it in what is shown. */
const HEAD_BYTES = 262_144;
const HEIC_HEAD_BYTES = 1_048_576;
const JPEG = 0xffd8;
const GPS_IFD = 0x8825;
const EXIF_IFD = 0x8769;
const TAKEN = 0x9003;
const OFFSET = 0x9011;
const SIZES = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1 };

/** {latitude, longitude, taken: "2026-11-24T08:30", offset: "+07:00" or ""}; null for what is not said. */
export async function photoFacts(file) {
  const nothing = { latitude: null, longitude: null, taken: null, offset: "" };
  try {
    const head = new DataView(await file.slice(0, HEAD_BYTES).arrayBuffer());
    const tiff = head.getUint16(0) === JPEG ? inJpeg(head) : await inHeic(file);
    return tiff ? { ...nothing, ...facts(tiff) } : nothing;
  } catch {
    return nothing; // broken EXIF is common and never a reason to refuse a photo
  }
}

const part = (view, start, length = view.byteLength - start) => new DataView(view.buffer, view.byteOffset + start, length);

/* The TIFF structure inside the APP1 segment of a JPEG. */
function inJpeg(view) {
  let at = 2;
  while (at + 10 < view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    const length = view.getUint16(at + 2);
    if (marker === 0xe1 && view.getUint32(at + 4) === 0x45786966) return part(view, at + 10, length - 8);
    if (marker === 0xda) return null;
    at += 2 + length;
  }
  return null;
}

/* A HEIC file is a box of boxes: `iinf` names the item that is EXIF, `iloc` says where its bytes are. */
async function inHeic(file) {
  const head = new DataView(await file.slice(0, HEIC_HEAD_BYTES).arrayBuffer());
  if (name(head, 4) !== "ftyp") return null;
  const meta = boxes(head, 0).find((box) => box.type === "meta");
  if (!meta) return null;
  const inner = boxes(part(head, meta.start, meta.length), 4);
  const within = (type) => {
    const box = inner.find((item) => item.type === type);
    return box ? part(head, meta.start + box.start, box.length) : null;
  };
  const id = exifItem(within("iinf"));
  const place = id === null ? null : location(within("iloc"), id);
  if (!place) return null;
  const item = new DataView(await file.slice(place.offset, place.offset + place.length).arrayBuffer());
  return part(item, 4 + item.getUint32(0));
}

const name = (view, at) => String.fromCharCode(...[0, 1, 2, 3].map((step) => view.getUint8(at + step)));

function boxes(view, from) {
  const found = [];
  let at = from;
  while (at + 8 <= view.byteLength) {
    let length = view.getUint32(at);
    let header = 8;
    if (length === 1) {
      length = Number(view.getBigUint64(at + 8));
      header = 16;
    } else if (length === 0) length = view.byteLength - at;
    if (length < header) break;
    found.push({ type: name(view, at + 4), start: at + header, length: Math.min(length, view.byteLength - at) - header });
    at += length;
  }
  return found;
}

function exifItem(view) {
  const isShort = view.getUint8(0) === 0;
  for (const box of boxes(view, isShort ? 6 : 8)) {
    if (box.type !== "infe") continue;
    const version = view.getUint8(box.start);
    if (version < 2) continue;
    const wide = version > 2;
    if (name(view, box.start + (wide ? 10 : 8)) === "Exif") return wide ? view.getUint32(box.start + 4) : view.getUint16(box.start + 4);
  }
  return null;
}

function location(view, wanted) {
  const version = view.getUint8(0);
  const sizes = view.getUint16(4);
  const [offsetSize, lengthSize, baseSize, indexSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15, sizes & 15];
  let at = 6;
  const number = (bytes) => {
    let value = 0;
    for (let step = 0; step < bytes; step++) value = value * 256 + view.getUint8(at++);
    return value;
  };
  const count = number(version < 2 ? 2 : 4);
  for (let item = 0; item < count; item++) {
    const id = number(version < 2 ? 2 : 4);
    if (version > 0) number(2);
    number(2);
    const base = number(baseSize);
    const extents = number(2);
    for (let extent = 0; extent < extents; extent++) {
      if (version > 0) number(indexSize);
      const offset = number(offsetSize);
      const length = number(lengthSize);
      if (id === wanted) return { offset: base + offset, length };
    }
  }
  return null;
}

function facts(tiff) {
  const little = tiff.getUint16(0) === 0x4949;
  const first = directory(tiff, tiff.getUint32(4, little), little);
  const gps = first[GPS_IFD] ? directory(tiff, first[GPS_IFD][0], little) : {};
  const details = first[EXIF_IFD] ? directory(tiff, first[EXIF_IFD][0], little) : {};
  return { ...position(gps), ...moment(details) };
}

function directory(tiff, at, little) {
  const found = {};
  const count = tiff.getUint16(at, little);
  for (let index = 0; index < count; index++) {
    const entry = at + 2 + index * 12;
    const type = tiff.getUint16(entry + 2, little);
    const length = tiff.getUint32(entry + 4, little);
    const bytes = (SIZES[type] || 0) * length;
    if (!bytes || bytes > 4096) continue;
    const start = bytes > 4 ? tiff.getUint32(entry + 8, little) : entry + 8;
    if (start + bytes <= tiff.byteLength) found[tiff.getUint16(entry, little)] = values(tiff, start, type, length, little);
  }
  return found;
}

function values(tiff, start, type, length, little) {
  if (type === 2) {
    let text = "";
    for (let step = 0; step < length; step++) text += String.fromCharCode(tiff.getUint8(start + step));
    return text.replace(/[\0 ]+$/, "");
  }
  return Array.from({ length }, (_, step) => {
    const at = start + step * SIZES[type];
    if (type === 5) return tiff.getUint32(at, little) / tiff.getUint32(at + 4, little);
    if (type === 4) return tiff.getUint32(at, little);
    return type === 3 ? tiff.getUint16(at, little) : tiff.getUint8(at);
  });
}

function position(gps) {
  const latitude = degrees(gps[2], gps[1], 90);
  const longitude = degrees(gps[4], gps[3], 180);
  if (latitude === null || longitude === null || (latitude === 0 && longitude === 0)) return {};
  return { latitude, longitude };
}

function degrees(parts, side, limit) {
  if (!Array.isArray(parts) || parts.length !== 3) return null;
  const value = parts[0] + parts[1] / 60 + parts[2] / 3600;
  if (!Number.isFinite(value) || value > limit) return null;
  return /^[SW]/i.test(String(side ?? "")) ? -value : value;
}

function moment(details) {
  const match = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d)/.exec(details[TAKEN] ?? "");
  if (!match || match[1] === "0000") return {};
  const [, year, month, day, hour, minute] = match;
  const offset = /^[+-]\d\d:\d\d$/.test(details[OFFSET] ?? "") ? details[OFFSET] : "";
  return { taken: `${year}-${month}-${day}T${hour}:${minute}`, offset };
}
