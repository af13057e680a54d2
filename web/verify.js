// SPDX-License-Identifier: Apache-2.0
'use strict';
// Does a bundle prove what it says, by the keys the policy names? The rules are
// docs/formats/bundle.md and evidence.md; comments name the step of the first. No module, no
// request, no library: this file shares no code with the rest of Onus and runs wherever it is read.
//
//   onusVerify(bundle, policy) -> {exit, verdict, text}      bundle: Uint8Array; policy: the same, or text
//
// exit 0 "holds", 1 "does not hold", 3 "cannot tell"; text ends with the verdict and a line feed.
// Bytes of others are kept in strings of one character a byte, keys of an index as hexadecimal: both
// then compare as the bytes do. Numbers are BigInt wherever a file states them.
const onusVerify = (() => {
    class Stop extends Error {
        constructor(exit, why) { super(why); this.exit = exit; }
    }
    const must = (holds, why) => { if (!holds) { throw new Stop(1, why); } };
    const BUNDLE_MAX = 64 * 1024 * 1024, LAST_TIME = 253402300799n, TOP = 1n << 64n;

    // ---- Bytes --------------------------------------------------------------------------------

    const string = (bytes) => {
        let out = '';
        for (let i = 0; i < bytes.length; i += 8192) {
            out += String.fromCharCode.apply(null, bytes.subarray(i, i + 8192));
        }
        return out;
    };
    const bytesOf = (text) => Uint8Array.from(text, (c) => c.charCodeAt(0));
    const join = (...parts) => {
        const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
        let at = 0;
        for (const p of parts) { out.set(p, at); at += p.length; }
        return out;
    };
    const same = (a, b) => a.length === b.length && a.every((c, i) => c === b[i]);
    const hexOf = (bytes) => Array.from(bytes, (c) => c.toString(16).padStart(2, '0')).join('');
    const be64 = (bytes, at = 0) => new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at);
    const put64 = (n) => { const out = new Uint8Array(8); new DataView(out.buffer).setBigUint64(0, n); return out; };
    const unhex = (text) => {
        if (!/^([0-9a-f]{2})*$/.test(text)) { return null; }
        const out = new Uint8Array(text.length / 2);
        for (let i = 0; i < out.length; i++) { out[i] = parseInt(text.substr(2 * i, 2), 16); }
        return out;
    };
    const DIGITS = new Map([...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].map((c, i) => [c, i]));
    const unbase64 = (text) => { // canonical, or null
        const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0, n = text.length - padding;
        if (text.length === 0 || text.length % 4 !== 0) { return null; }
        const out = new Uint8Array(text.length / 4 * 3 - padding);
        let bits = 0, at = 0;
        for (let i = 0; i < n; i++) {
            const digit = DIGITS.get(text[i]);
            if (digit === undefined) { return null; }
            bits = (bits << 6 | digit) & 0xffff;
            if (i % 4 !== 0) { out[at++] = bits >> (6 - 2 * (i % 4)); }
        }
        return padding > 0 && (bits & (padding === 1 ? 3 : 15)) !== 0 ? null : out;
    };
    const number = (text) => /^(0|[1-9][0-9]{0,17})$/.test(text) ? BigInt(text) : null;

    // ---- SHA-2 (FIPS 180-4) -------------------------------------------------------------------

    const primes = [];
    for (let n = 2; primes.length < 80; n++) { if (primes.every((p) => n % p !== 0)) { primes.push(n); } }
    const root = (n, k) => { // the k-th root of a whole number, rounded down
        let low = 0n, high = 1n << 80n;
        while (low < high) {
            const middle = (low + high + 1n) / 2n;
            if (middle ** k <= n) { low = middle; } else { high = middle - 1n; }
        }
        return low;
    };
    const START = primes.slice(0, 8).map((p) => root(BigInt(p) << 128n, 2n) % TOP);
    const ROUND = primes.map((p) => root(BigInt(p) << 192n, 3n) % TOP);
    const START32 = START.map((n) => Number(n >> 32n) | 0), ROUND32 = Int32Array.from(ROUND, (n) => Number(n >> 32n) | 0);
    const w = new Int32Array(64);

    function sha256(...parts) {
        const size = parts.reduce((n, p) => n + p.length, 0);
        const data = new Uint8Array(Math.ceil((size + 9) / 64) * 64);
        let at = 0;
        for (const p of parts) { data.set(p, at); at += p.length; }
        data[size] = 0x80;
        const view = new DataView(data.buffer), h = Int32Array.from(START32);
        view.setUint32(data.length - 8, Math.floor(size / 0x20000000));
        view.setUint32(data.length - 4, size << 3);
        for (let block = 0; block < data.length; block += 64) {
            for (let i = 0; i < 16; i++) { w[i] = view.getInt32(block + 4 * i); }
            for (let i = 16; i < 64; i++) {
                const x = w[i - 15], y = w[i - 2];
                w[i] = w[i - 16] + w[i - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) +
                    ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10) | 0;
            }
            let [a, b, c, d, e, f, g, k] = h;
            for (let i = 0; i < 64; i++) {
                const t = k + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + ((e & f) ^ (~e & g)) +
                    ROUND32[i] + w[i] | 0;
                const u = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + ((a & b) ^ (a & c) ^ (b & c)) | 0;
                k = g; g = f; f = e; e = d + t | 0; d = c; c = b; b = a; a = t + u | 0;
            }
            h[0] += a; h[1] += b; h[2] += c; h[3] += d; h[4] += e; h[5] += f; h[6] += g; h[7] += k;
        }
        const out = new DataView(new ArrayBuffer(32));
        h.forEach((n, i) => out.setInt32(4 * i, n));
        return new Uint8Array(out.buffer);
    }

    function sha512(data) { // only for signatures, so plain BigInt is fast enough
        const size = Math.ceil((data.length + 17) / 128) * 128, padded = new Uint8Array(size);
        padded.set(data);
        padded[data.length] = 0x80;
        new DataView(padded.buffer).setBigUint64(size - 8, BigInt(data.length) * 8n);
        const turn = (n, k) => (n >> k | n << (64n - k)) % TOP;
        const h = START.slice();
        for (let block = 0; block < size; block += 128) {
            const x = [];
            for (let i = 0; i < 16; i++) { x.push(be64(padded, block + 8 * i)); }
            for (let i = 16; i < 80; i++) {
                const p = x[i - 15], q = x[i - 2];
                x.push((x[i - 16] + x[i - 7] + (turn(p, 1n) ^ turn(p, 8n) ^ p >> 7n) + (turn(q, 19n) ^ turn(q, 61n) ^ q >> 6n)) % TOP);
            }
            let [a, b, c, d, e, f, g, k] = h;
            for (let i = 0; i < 80; i++) {
                const t = k + (turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n)) + ((e & f) ^ ((TOP - 1n - e) & g)) + ROUND[i] + x[i];
                const u = (turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
                k = g; g = f; f = e; e = (d + t) % TOP; d = c; c = b; b = a; a = (t + u) % TOP;
            }
            [a, b, c, d, e, f, g, k].forEach((n, i) => { h[i] = (h[i] + n) % TOP; });
        }
        return join(...h.map(put64));
    }

    // ---- Ed25519 (RFC 8032) -------------------------------------------------------------------

    const P = (1n << 255n) - 19n, L = (1n << 252n) + 27742317777372353535851937790883648493n;
    const mod = (n) => { const r = n % P; return r < 0n ? r + P : r; };
    const power = (base, exponent) => {
        let out = 1n;
        for (let b = base, e = exponent; e > 0n; e >>= 1n, b = mod(b * b)) { if (e & 1n) { out = mod(out * b); } }
        return out;
    };
    const inverse = (n) => power(n, P - 2n);
    const D = mod(-121665n * inverse(121666n)), ROOT = power(2n, (P - 1n) / 4n);
    const little = (bytes) => { let n = 0n; for (let i = bytes.length - 1; i >= 0; i--) { n = n << 8n | BigInt(bytes[i]); } return n; };
    const NEUTRAL = [0n, 1n, 1n, 0n];
    function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
        const a = mod((y1 - x1) * (y2 - x2)), b = mod((y1 + x1) * (y2 + x2)), c = mod(2n * D * mod(t1 * t2)), d = mod(2n * z1 * z2);
        const e = b - a, f = d - c, g = d + c, h = b + a;
        return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
    }
    function point(bytes) { // null when this is not the one spelling of a point
        const n = little(bytes), sign = n >> 255n, y = n & ((1n << 255n) - 1n);
        if (y >= P) { return null; }
        const u = mod(y * y - 1n), v = mod(D * y * y + 1n);
        let x = mod(u * power(v, 3n) * power(mod(u * power(v, 7n)), (P - 5n) / 8n));
        if (mod(v * x * x) !== u) { x = mod(x * ROOT); }
        if (mod(v * x * x) !== u || (x === 0n && sign === 1n)) { return null; }
        if ((x & 1n) !== sign) { x = mod(-x); }
        return [x, y, 1n, mod(x * y)];
    }
    const BASE = (() => { const y = mod(4n * inverse(5n)), out = new Uint8Array(32); for (let i = 0; i < 32; i++) { out[i] = Number(y >> BigInt(8 * i) & 255n); } return point(out); })();
    function smallOrder(p) {
        let q = p;
        for (let i = 0; i < 3; i++) { q = add(q, q); }
        return q[0] === 0n && q[1] === q[2];
    }
    function signatureHolds(key, message, signature) {
        const s = little(signature.subarray(32)), a = point(key), r = point(signature.subarray(0, 32));
        if (signature.length !== 64 || s >= L || !a || !r || smallOrder(a) || smallOrder(r)) { return false; }
        const k = little(sha512(join(signature.subarray(0, 32), key, message))) % L;
        const minus = [mod(-a[0]), a[1], 1n, mod(-a[3])], both = add(minus, BASE);
        let sum = NEUTRAL;
        for (let bit = 252n; bit >= 0n; bit--) {
            const one = s >> bit & 1n, two = k >> bit & 1n;
            sum = add(sum, sum);
            if (one || two) { sum = add(sum, one && two ? both : one ? BASE : minus); }
        }
        return mod(sum[0] - r[0] * sum[2]) === 0n && mod(sum[1] - r[1] * sum[2]) === 0n;
    }

    // ---- Reading ------------------------------------------------------------------------------

    class Reader {
        constructor(data) { this.data = data; this.at = 0; }
        sees(text) {
            for (let i = 0; i < text.length; i++) { if (this.data[this.at + i] !== text.charCodeAt(i)) { return false; } }
            return true;
        }
        skips(text) { const there = this.sees(text); if (there) { this.at += text.length; } return there; }
        take(n) {
            must(n <= this.data.length - this.at, 'a part is cut off');
            this.at += Number(n);
            return this.data.subarray(this.at - Number(n), this.at);
        }
        line() {
            const end = this.data.indexOf(10, this.at);
            must(end >= 0, 'a part is cut off');
            return this.take(end + 1 - this.at).subarray(0, -1);
        }
        // A line of this form: {num}, {hex n}, {word}; what stands there comes back.
        form(pattern) {
            const found = pattern.exec(string(this.line()));
            must(found, 'a line has another form');
            return found.slice(1);
        }
        hash() {
            const hash = unbase64(string(this.line()));
            must(hash !== null && hash.length === 32, 'a hash is spelled in another way');
            return hash;
        }
        path() { const out = []; while (this.skips('h ')) { out.push(this.hash()); } return out; }
    }
    const NUM = '(0|[1-9][0-9]{0,17})', TAG = '([0-9a-f]{32})', KEY = '([0-9a-f]{36})';
    const form = (text) => new RegExp('^' + text.replace(/NUM/g, NUM).replace(/TAG/g, TAG).replace(/KEY/g, KEY) + '$');

    function leadTo(leaf, index, size, path, wanted) { // RFC 9162, 2.1.3.2
        must(index < size, 'an index is not below the size of its tree');
        let node = index, last = size - 1n, hash = leaf;
        for (const other of path) {
            must(last > 0n, 'a path is too long');
            if ((node & 1n) === 1n || node === last) {
                hash = sha256([1], other, hash);
                while ((node & 1n) === 0n && node !== 0n) { node >>= 1n; last >>= 1n; }
            } else {
                hash = sha256([1], hash, other);
            }
            node >>= 1n;
            last >>= 1n;
        }
        must(last === 0n, 'a path is too short');
        must(same(hash, wanted), 'a path does not lead to the root that is stated');
    }

    // Slots that stand here; first is the kind of the first one, 0 in records. Open ones have a value.
    function readSlots(r, head, n, first) {
        const slots = [], hashes = [];
        for (let i = 0; i < n; i++) {
            if (r.skips('c ')) {
                hashes.push(r.hash());
                slots.push(null);
                continue;
            }
            const end = r.data.indexOf(58, r.at); // a colon
            must(end >= 0 && end - r.at < 64, 'a slot has another form');
            const found = form('o ([0-9a-f]{2}) TAG NUM').exec(string(r.take(end - r.at)));
            must(found, 'a slot has another form');
            r.at++;
            const kind = parseInt(found[1], 16), size = Number(found[3]);
            must(first === 0 || kind === first + i, 'the kind of a slot is not that of its position');
            const raw = r.take(first === 0 ? size : 2 * size), value = first === 0 ? raw : unhex(string(raw));
            must(value !== null, 'hexadecimal is spelled in another way');
            must(first !== 0 || raw.indexOf(10) < 0, 'a line feed in a line');
            must(r.skips('\n'), 'a slot is longer than it says');
            hashes.push(sha256([2, kind], unhex(found[2]), value));
            slots.push({kind, value});
        }
        return {slots, leaf: sha256([0], head, [n], ...hashes)};
    }

    // ---- Step 1: the policy (C2SP tlog-policy) ------------------------------------------------

    function readPolicy(data) {
        const logs = [], parties = [], named = new Map();
        let quorum, at = 0, line = 0;
        const sound = (holds, why) => { if (!holds) { throw new Stop(3, `policy line ${line}: ${why}`); } };
        const vkey = (text, type) => {
            const found = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{44})$/.exec(text || '');
            const raw = found && unbase64(found[3]);
            sound(raw && raw.length === 33 && raw[0] === type, 'a key is not NAME+ID+KEY of the type that is wanted');
            sound(hexOf(sha256(bytesOf(found[1] + '\n'), raw)).startsWith(found[2]), 'the id of a key is not its own');
            const key = {name: found[1], id: found[2], bytes: raw.subarray(1)}, p = point(key.bytes);
            sound(p !== null && !smallOrder(p), 'a key is no point of the curve, or of small order');
            for (const other of logs.concat(parties.filter((p) => p.key).map((p) => p.key))) {
                sound(!same(other.bytes, key.bytes), 'a key stands twice');
            }
            return key;
        };
        const define = (party) => {
            sound(party.name !== undefined, 'a name is missing');
            sound(party.name !== 'none' && !named.has(party.name), 'a name stands twice');
            named.set(party.name, party);
            parties.push(party);
        };
        while (at < data.length) {
            const end = data.indexOf(10, at);
            line++;
            sound(end >= 0, 'no line end');
            const text = string(data.subarray(at, end));
            at = end + 1;
            sound(/^[\t\x20-\x7e\x80-\xff]*$/.test(text), 'a control character');
            const words = text.split(/[ \t]+/).filter((word) => word !== '');
            if (words.length === 0 || words[0][0] === '#') { continue; }
            if (words[0] === 'log') {
                sound(words.length <= 3, 'a word too much');
                logs.push(vkey(words[1], 1));
            } else if (words[0] === 'witness') {
                sound(words.length <= 4, 'a word too much');
                define({name: words[1], key: vkey(words[2], 4)});
            } else if (words[0] === 'group') {
                const members = words.slice(3).map((name) => named.get(name));
                sound(members.every((m) => m !== undefined), 'a member is not defined above');
                const group = {name: words[1], members};
                for (const m of members) {
                    sound(m.group === undefined, 'a member stands in a group already');
                    m.group = group;
                }
                const need = words[2] === 'all' ? members.length : words[2] === 'any' ? 1 : number(words[2] || '');
                sound(need !== null && need >= 1 && need <= members.length, 'a group needs none, or more than its members');
                group.need = Number(need);
                define(group);
            } else {
                sound(words[0] === 'quorum' && quorum === undefined, 'unknown word, or a second quorum');
                sound(words.length === 2, 'a quorum is one name');
                quorum = words[1] === 'none' ? null : named.get(words[1]);
                sound(quorum !== undefined, 'the quorum is not defined above');
            }
        }
        sound(quorum !== undefined, 'no quorum line');
        return {logs, parties, quorum};
    }

    function quorumMet(policy, signed) { // members stand before their groups
        const yes = new Set();
        for (const party of policy.parties) {
            const votes = party.key ? 0 : party.members.filter((m) => yes.has(m)).length;
            if (party.key ? signed(party) : votes >= party.need) { yes.add(party); }
        }
        return yes.has(policy.quorum);
    }

    // ---- Steps 2 to 4: signed notes -----------------------------------------------------------

    function characters(data) { // of UTF-8 (RFC 3629), null when it is none
        const out = [];
        for (let i = 0; i < data.length;) {
            const first = data[i], n = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
            if (n === 0 || n > data.length - i) { return null; }
            let c = n === 1 ? first : first & (0x7f >> n);
            for (let k = 1; k < n; k++) {
                if ((data[i + k] & 0xc0) !== 0x80) { return null; }
                c = c << 6 | data[i + k] & 0x3f;
            }
            if (c < [0, 0, 0x80, 0x800, 0x10000][n] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff) { return null; }
            out.push(c);
            i += n;
        }
        return out;
    }
    const isSpace = (c) => (c >= 9 && c <= 13) || [0x20, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000].includes(c) ||
        (c >= 0x2000 && c <= 0x200a);

    function readNote(policy, data) {
        const all = characters(data), whole = string(data);
        must(all !== null && all.every((c) => c >= 0x20 || c === 10), 'a note is no text');
        const blank = whole.lastIndexOf('\n\n');
        must(blank >= 0 && whole.endsWith('\n') && whole.length > blank + 2, 'a note has no blank line or no signature');
        const text = data.subarray(0, blank + 1);
        const body = form('([^\n]+)\nNUM\n([^\n]*)\n').exec(string(text));
        must(body, 'a note is no checkpoint');
        const note = {data, origin: body[1], size: BigInt(body[2]), root: unbase64(body[3]), times: new Map()};
        must(note.root !== null && note.root.length === 32, 'a hash is spelled in another way');
        const lines = whole.slice(blank + 2, -1).split('\n');
        must(lines.length <= 64, 'a note has more than 64 signatures');
        let signed = false;
        for (const line of lines) {
            const found = /^\xe2\x80\x94 ([^ +]+) ([^ ]+)$/.exec(line), raw = found && unbase64(found[2]);
            must(raw && raw.length > 4 && !characters(bytesOf(found[1])).some(isSpace), 'a signature line has another form');
            const is = (key) => key.name === found[1] && key.id === hexOf(raw.subarray(0, 4));
            for (const key of policy.logs.filter(is)) {
                must(raw.length === 68 && signatureHolds(key.bytes, text, raw.subarray(4)), 'the signature of a log does not check');
                signed = signed || key.name === note.origin;
            }
            for (const party of policy.parties.filter((p) => p.key && is(p.key))) {
                must(raw.length === 76, 'a cosignature does not check');
                const time = be64(raw, 4);
                must(time <= LAST_TIME && signatureHolds(party.key.bytes, join(bytesOf(`cosignature/v1\ntime ${time}\n`), text), raw.subarray(12)),
                    'a cosignature does not check');
                if (!note.times.has(party) || time < note.times.get(party)) { note.times.set(party, time); }
            }
        }
        if (!policy.logs.some((key) => key.name === note.origin)) { throw new Stop(3, 'the policy has no key of a log with this origin'); }
        must(signed, 'a note is not signed by its log');
        if (policy.quorum !== null) { // step 3
            const met = (test) => quorumMet(policy, (p) => note.times.has(p) && test(note.times.get(p)));
            must(met(() => true), 'the quorum of witnesses is not reached');
            const times = [...note.times.values()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
            note.high = times.find((t) => met((other) => other <= t));
            note.low = times.reverse().find((t) => met((other) => other >= t));
        }
        return note;
    }

    // ---- Steps 5 to 7: groups, records, rows, claims --------------------------------------------

    function valueOf(slots, i, sizes) {
        must(!slots[i] || sizes.includes(slots[i].value.length), 'a slot has another size');
        return slots[i] ? slots[i].value : null;
    }

    function readGroup(b, r) {
        const [entry] = r.form(form('batch NUM')), path = r.path();
        const head = string(r.line()), g = {entry: BigInt(entry), items: []};
        let found, n = 13, first = 0x40;
        if ((found = form('manifest 13 TAG NUM').exec(head))) {
            Object.assign(g, {profile: 'M', tag: found[1], first: BigInt(found[2]), last: BigInt(found[2])});
        } else if ((found = form('rollup 13 TAG NUM NUM').exec(head))) {
            Object.assign(g, {profile: 'R', tag: found[1], first: BigInt(found[2]), last: BigInt(found[3])});
            must(g.first <= g.last, 'a roll-up ends before it begins');
        } else {
            found = form('source 4 TAG').exec(head);
            must(found, 'a head has another form');
            Object.assign(g, {profile: 'N', tag: found[1]});
            n = 4;
            first = 0x50;
        }
        must(b.groups.length === 0 || b.groups[b.groups.length - 1].entry < g.entry, 'batches do not ascend');
        const publicPart = [bytesOf(g.profile), unhex(g.tag)].concat(g.profile === 'N' ? [] : [put64(g.first)], g.profile === 'R' ? [put64(g.last)] : []);
        const {slots, leaf} = readSlots(r, join(...publicPart), n, first);
        leadTo(leaf, g.entry, b.checkpoint.size, path, b.checkpoint.root);
        g.leaf = leaf;
        g.slots = slots;
        g.name = slots[0] && string(slots[0].value);
        if (g.profile === 'N') { return g; }
        must(!slots[0] || (slots[0].value.length >= 1 && slots[0].value.length <= 4096), 'a source name is empty or too long');
        const time = (value) => {
            const t = value && value.length > 0 ? be64(value) : null;
            must(t === null || t <= LAST_TIME, 'a time is beyond the year 9999');
            return t;
        };
        const n64 = (value) => value && be64(value);
        g.previous = slots[2] && slots[2].value;
        g.from = time(valueOf(slots, 3, [0, 8]));
        g.until = time(valueOf(slots, 4, [0, 8]));
        valueOf(slots, 5, [8]);
        g.lines = n64(valueOf(slots, 6, [8]));
        g.leaves = n64(valueOf(slots, 7, [8]));
        g.root = valueOf(slots, 8, [32]);
        const index = valueOf(slots, 9, [40]), anchor = valueOf(slots, 11, [0, 32]);
        if (index) { g.rows = be64(index); g.index = index.subarray(8); }
        g.anchored = Boolean(anchor && b.older && same(anchor, sha256(b.older.data)));
        if (slots[12]) { g.profileOfLines = slots[12].value.length === 0 ? 'none' : slots[12].value[0] & 0x40 ? 'S' : 'G'; }
        return g;
    }

    function readRecord(g, r) {
        const [index, profile, count] = r.form(form('record NUM ([GS]) NUM')), n = Number(count);
        must(g.profile === 'M' && g.leaves !== null && g.root, 'a record where no lines are opened');
        must(n >= 1 && n <= (profile === 'G' ? 8 : 12), 'a record has no or too many slots');
        must(!g.profileOfLines || g.profileOfLines === profile, 'a record is of the wrong profile');
        g.profileOfLines = profile;
        const {slots, leaf} = readSlots(r, bytesOf(profile), n, 0);
        must(slots.every((s) => !s || (profile === 'G' ? s.kind === 0x10 : s.kind >= 0x11 && s.kind <= 0x1c)), 'the kind of a slot is none of its profile');
        leadTo(leaf, BigInt(index), g.leaves, r.path(), g.root);
        return {what: 'record', profile, index: BigInt(index), slots};
    }

    const FENCE_4 = '04' + '00'.repeat(11) + '01' + '00'.repeat(5), FENCE_6 = '07' + '00'.repeat(17);
    const NONE = 'ff' + '00'.repeat(16) + '01', END = 'ff' + '00'.repeat(17);
    const isKey = (k) => [FENCE_4, FENCE_6, NONE, END].includes(k) || /^04(00){12}.{8}0[01]$/.test(k) || /^06.{32}0[01]$/.test(k);
    const isFence = (k) => k.endsWith('00');

    function readRow(g, r) {
        must(g.index, 'a row where no index is opened');
        const [index] = r.form(form('row NUM 4'));
        const {slots, leaf} = readSlots(r, bytesOf('I'), 4, 0x20);
        leadTo(leaf, BigInt(index), g.rows, r.path(), g.index);
        const key = valueOf(slots, 0, [18]), lines = valueOf(slots, 1, [8]), postings = valueOf(slots, 2, [32]), attempts = valueOf(slots, 3, [8]);
        const row = {index: BigInt(index), key: key && hexOf(key), lines: lines && be64(lines), postings, attempts: attempts && be64(attempts)};
        must(row.key === null || isKey(row.key), 'a key is none');
        return row;
    }

    function readClaim(b, g, r) {
        const found = form('claim (count address|count range|absent KEY|all|sample NUM)').exec(string(r.line()));
        must(found, 'a claim has another form');
        const what = found[1].split(' ')[0] === 'count' ? found[1].split(' ')[1] : found[1].split(' ')[0];
        const low = what === 'all' ? {index: -1n, key: null, lines: 0n, attempts: 0n} : readRow(g, r), high = readRow(g, r);
        const open = (row, ...names) => must(names.every((name) => row[name] !== null), 'a slot of a row is hidden');
        must(low.key === null || high.key === null || low.key < high.key, 'keys do not ascend');
        must(low.lines === null || high.lines === null || low.lines <= high.lines, 'a sum of lines falls');
        must(low.attempts === null || high.attempts === null || low.attempts <= high.attempts, 'a sum of attempts falls');
        must(what === 'all' || (what === 'range' ? low.index < high.index : low.index + 1n === high.index), 'these are not the rows of such a claim');
        const item = {what, key: high.key, row: high.index};
        if (what === 'absent') {
            open(low, 'key');
            open(high, 'key');
            must(isKey(found[2]) && !isFence(found[2]) && low.key < found[2] && found[2] < high.key, 'the key of an absent address is none, or not between the rows');
            return Object.assign(item, {key: found[2], lines: 0n, attempts: 0n});
        }
        if (what === 'sample') {
            must(b.beacon, 'a sample without a beacon');
            open(low, 'lines');
            open(high, 'key', 'lines', 'postings');
            must(!isFence(high.key), 'a key is of the wrong kind');
            const [place] = r.form(form('posting NUM'));
            return Object.assign(item, {number: BigInt(found[3]), count: high.lines - low.lines, postings: high.postings, place: BigInt(place), path: r.path()});
        }
        open(low, 'lines', 'attempts');
        open(high, 'lines', 'attempts');
        if (what === 'all') {
            must(high.index === g.rows - 1n && g.lines !== null && g.lines === high.lines, 'these are not the rows of such a claim');
        } else {
            open(high, 'key');
            must(isFence(high.key) === (what === 'range'), 'a key is of the wrong kind');
        }
        if (what === 'range') {
            open(low, 'key');
            must(isFence(low.key), 'a key is of the wrong kind');
            item.low = low.key;
        }
        return Object.assign(item, {lines: high.lines - low.lines, attempts: high.attempts - low.attempts});
    }

    // Does a text that comes in pieces hold these bytes? In linear time (Knuth, Morris, Pratt).
    function finder(wanted) {
        const back = new Int32Array(wanted.length);
        for (let i = 1, n = 0; i < wanted.length; i++) {
            while (n > 0 && wanted[i] !== wanted[n]) { n = back[n - 1]; }
            if (wanted[i] === wanted[n]) { n++; }
            back[i] = n;
        }
        return (...pieces) => {
            let n = 0;
            for (const piece of pieces) {
                for (let i = 0; i < piece.length; i++) {
                    while (n > 0 && piece[i] !== wanted[n]) { n = back[n - 1]; }
                    if (piece[i] === wanted[n]) { n++; }
                    if (n === wanted.length) { return true; }
                }
            }
            return false;
        };
    }

    function checkSamples(b, g) {
        const records = new Map(g.items.filter((item) => item.what === 'record').map((item) => [item.index, item])), rows = new Map();
        for (const item of g.items) {
            if (item.what !== 'sample') { continue; }
            must(g.leaves !== null && g.leaves > 0n && g.root, 'the record of a sample is not shown');
            const challenge = sha256(g.root, sha256(b.beacon.data)), drawn = sha256(challenge, put64(item.number));
            const record = records.get(be64(drawn) % g.leaves);
            must(record, 'the record of a sample is not shown');
            const slot = drawn[8] % record.slots.length;
            item.line = record.profile === 'G' ? 8n * record.index + BigInt(slot) : record.index;
            leadTo(sha256([0], put64(item.line)), item.place, item.count, item.path, item.postings);
            const line = record.profile === 'G' ? [record.slots[slot]] : record.slots;
            must(line.every((s) => s !== null), 'the line of a sample is not opened whole');
            must(!rows.has(item.line) || rows.get(item.line) === item.row, 'a line is counted under two rows');
            if (!rows.has(item.line) && item.key.startsWith('04')) {
                must(finder(bytesOf(keyText(item.key)))(...line.map((s) => s.value)), 'the line of a sample does not hold its address');
            }
            rows.set(item.line, item.row);
        }
    }

    // ---- Step 8: totals -----------------------------------------------------------------------

    const ascending = (...parts) => (x, y) => { // by these functions of an element, one after the other
        for (const part of parts) {
            const a = part(x), c = part(y);
            if (a !== c) { return a < c ? -1 : 1; }
        }
        return 0;
    };
    const sum = (a, b) => { must(a + b < TOP, 'a sum is beyond 64 bits'); return a + b; };

    function readTable(b) {
        let table = null;
        for (const g of b.groups) {
            let inside = false;
            for (const item of g.items) {
                if (item.what !== 'record' || item.profile !== 'G') { continue; }
                item.slots.forEach((s, k) => {
                    if (!s) { return; }
                    const text = string(s.value.subarray(0, 4)), first = item.index === 0n && k === 0 && /^onus\/net-table\/v1 /.test(string(s.value.subarray(0, 18)));
                    if (first) {
                        const head = string(s.value).split(' ');
                        must(table === null, 'two tables of networks');
                        must(head.length >= 3 && head[1] !== '' && head[2] !== '', 'the table of networks has no name or date');
                        table = {name: head[1], date: head[2], rows: []};
                        inside = true;
                    } else if (inside && text === 'net ') {
                        const found = form('net KEY KEY NUM ([^]+)').exec(string(s.value));
                        must(found && isKey(found[1]) && isKey(found[2]) && isFence(found[1]) && isFence(found[2]), 'a row of the table of networks has another form');
                        const row = {low: found[1], high: found[2], asn: BigInt(found[3]), operator: found[4]}, before = table.rows[table.rows.length - 1];
                        must(row.low < row.high && (!before || before.high <= row.low), 'rows of the table of networks overlap or do not ascend');
                        table.rows.push(row);
                    }
                });
            }
        }
        must(table !== null, 'a total needs a table of networks');
        return table;
    }

    // How many elements of a sorted list come before the first for which this is false.
    function countWhile(list, test) {
        let low = 0;
        for (let high = list.length; low < high;) {
            const middle = (low + high) >> 1;
            if (test(list[middle])) { low = middle + 1; } else { high = middle; }
        }
        return low;
    }

    // Adds up what pick takes: 'exact', once in a group, or 'zero', which adds nothing.
    function addUp(b, t, pick) {
        t.groups = new Set();
        t.lines = t.attempts = 0n;
        for (const g of b.groups) {
            let once = false;
            for (const item of g.items) {
                const how = pick(item);
                if (!how) { continue; }
                t.groups.add(g);
                if (how === 'exact') {
                    must(!once, 'a total counts twice in a batch');
                    once = true;
                    t.lines = sum(t.lines, item.lines);
                    t.attempts = sum(t.attempts, item.attempts);
                }
            }
        }
        must(t.groups.size > 0, 'a total counts nothing');
    }

    function totalNetwork(b, t) {
        const rows = b.table.rows.filter((row) => row.asn === t.number), at = new Map(rows.map((row, i) => [row.low, i]));
        must(rows.length > 0, 'the table of networks shows no row of this ASN');
        Object.assign(t, {groups: new Set(), lines: 0n, attempts: 0n, rows});
        for (const g of b.groups) {
            const claims = g.items.filter((item) => item.what === 'range').sort(ascending((c) => c.low, (c) => c.key));
            const counted = new Set();
            let seen = 0, missing = false, any = false; // seen: rows counted, or that no later claim can count
            for (const c of claims) {
                const exact = at.has(c.low) && rows[at.get(c.low)].high === c.key;
                const from = countWhile(rows, (row) => row.low < c.low), to = countWhile(rows, (row) => row.high <= c.key);
                if (exact) {
                    must(!counted.has(c.low), 'a row is counted twice in a batch');
                    counted.add(c.low);
                    t.lines = sum(t.lines, c.lines);
                    t.attempts = sum(t.attempts, c.attempts);
                }
                missing = missing || seen < from;
                seen = Math.max(seen, from);
                if ((exact || c.lines === 0n) && from < to) {
                    any = true;
                    seen = Math.max(seen, to);
                }
            }
            must(!any || (!missing && seen === rows.length), 'a row of the ASN is not counted in a batch');
            if (any) { t.groups.add(g); }
        }
        must(t.groups.size > 0, 'a total counts nothing');
    }

    function totalMembers(b, t) {
        const keys = new Set();
        b.groups.forEach((g) => g.items.forEach((item) => { if (item.what === 'address' && item.lines > 0n) { keys.add(item.key); } }));
        must(keys.size > 0, 'a total counts nothing');
        Object.assign(t, {of: keys.size, inside: 0, elsewhere: 0});
        for (const key of keys) {
            const row = b.table.rows[countWhile(b.table.rows, (r) => r.low < key) - 1];
            if (row && key < row.high) { t[row.asn === t.number ? 'inside' : 'elsewhere']++; }
        }
    }

    function totalMatching(b, t) {
        const holds = finder(t.bytes);
        t.lines = 0n;
        for (const g of b.groups) {
            for (const item of g.items) {
                if (item.what !== 'record') { continue; }
                const n = item.slots.filter((s) => s && holds(s.value)).length;
                t.lines += BigInt(item.profile === 'G' ? n : Math.min(n, 1));
            }
        }
        must(t.lines > 0n, 'no line contains the bytes of a total');
    }

    function totalUnbroken(b, t) {
        const groups = b.bySeq.filter((g) => g.tag === t.tag);
        groups.forEach((g, i) => {
            const before = groups[i - 1];
            if (!before) { return; }
            must(before.last + 1n === g.first, 'a batch is missing');
            const wanted = before.profile === 'M' ? before.leaf : before.previous;
            must(g.profile === 'R' || (g.previous && wanted && same(g.previous, wanted)), 'a batch does not name the one before');
        });
        must(groups.length > 0 && groups[0].first < groups[groups.length - 1].last, 'fewer than two batches');
        t.groups = new Set(groups);
    }

    function totalAudit(b, t) {
        must(b.beacon && b.policy.quorum !== null && b.beacon.low > b.checkpoint.high, 'an audit needs a beacon that is later than the checkpoint');
        const groups = b.groups.filter((g) => g.items.some((item) => item.what === 'sample'));
        must(groups.length === 1, 'the samples are not of one batch');
        const samples = groups[0].items.filter((item) => item.what === 'sample');
        must(samples.every((item, i) => item.number === BigInt(i)), 'samples are not numbered in order');
        must(BigInt(samples.length) === t.number, 'an audit has another number of samples');
        must(groups[0].lines !== null, 'an audit needs the number of lines');
        t.of = groups[0].lines;
    }

    function readTotal(r) {
        const from = r.at, t = {};
        if (r.skips('total matching ')) {
            const end = r.data.indexOf(58, r.at);
            must(end >= 0 && end - r.at <= 18, 'a total has another form');
            const size = number(string(r.take(end - r.at)));
            must(size !== null && size >= 1n && size <= 4096n, 'a total matches nothing, or too much');
            r.at++;
            Object.assign(t, {what: 'matching', bytes: r.take(Number(size))});
            must(r.skips('\n'), 'a total has another form');
        } else {
            const text = string(r.line());
            const found = form('total (address KEY|range KEY KEY|network NUM|members NUM|all|unbroken TAG|audit NUM)').exec(text);
            must(found, 'a total has another form');
            Object.assign(t, {what: text.split(' ')[1], key: found[2], low: found[3], high: found[4], tag: found[7], number: BigInt(found[5] || found[6] || found[8] || 0)});
            must(t.what !== 'address' || (isKey(t.key) && !isFence(t.key)), 'the keys of a total are none');
            must(t.what !== 'range' || (isKey(t.low) && isKey(t.high) && isFence(t.low) && isFence(t.high) && t.low < t.high), 'the keys of a total are none');
        }
        t.text = string(r.data.subarray(from, r.at));
        return t;
    }

    function evaluate(b, t) {
        switch (t.what) {
        case 'address': addUp(b, t, (c) => (c.what === 'address' || c.what === 'absent') && c.key === t.key && 'exact'); break;
        case 'range': addUp(b, t, (c) => c.what === 'range' && (c.low === t.low && c.key === t.high ? 'exact' : c.low <= t.low && t.high <= c.key && c.lines === 0n && 'zero')); break;
        case 'all': addUp(b, t, (c) => c.what === 'all' && 'exact'); break;
        case 'network': totalNetwork(b, t); break;
        case 'members': totalMembers(b, t); break;
        case 'matching': totalMatching(b, t); break;
        case 'unbroken': totalUnbroken(b, t); break;
        default: totalAudit(b, t);
        }
    }

    function readBundle(b, r) {
        const note = () => readNote(b.policy, r.take(BigInt(r.form(form('[a-z-]+ NUM'))[0])));
        must(r.sees('checkpoint '), 'no checkpoint');
        b.checkpoint = note();
        b.older = r.sees('older-checkpoint ') ? note() : null;
        b.beacon = r.sees('beacon ') ? note() : null;
        while (r.skips('tsa ')) {
            must(unbase64(string(r.line())) !== null && ++b.tokens <= 8, 'a token is spelled in another way, or the ninth');
        }
        do {
            const g = readGroup(b, r);
            let last = -1n;
            while (r.sees('record ') || r.sees('claim ')) {
                const item = r.sees('record ') ? readRecord(g, r) : readClaim(b, g, r);
                must(item.what !== 'record' || last < item.index, 'records do not ascend');
                last = item.what === 'record' ? item.index : last;
                g.items.push(item);
            }
            checkSamples(b, g);
            b.groups.push(g);
        } while (r.sees('batch '));
        while (r.sees('total ')) {
            const t = readTotal(r);
            must(b.totals.every((other) => other.text !== t.text), 'a total stands twice');
            b.totals.push(t);
            must(b.totals.length <= 64 && b.totals.filter((other) => other.what === 'matching').length <= 16, 'too many totals');
        }
        const count = b.groups.reduce((n, g) => n + g.items.length, b.totals.length);
        must(BigInt(r.form(form('end NUM'))[0]) === BigInt(count), 'the number at the end is another');
        must(r.at === r.data.length, 'something follows the end');
        b.bySeq = b.groups.filter((g) => g.profile !== 'N').sort(ascending((g) => g.tag, (g) => g.first));
        b.bySeq.forEach((g, i) => must(i === 0 || b.bySeq[i - 1].tag !== g.tag || b.bySeq[i - 1].last < g.first, 'batches of a source overlap'));
        if (b.totals.some((t) => t.what === 'network' || t.what === 'members')) { b.table = readTable(b); }
        b.totals.forEach((t) => evaluate(b, t));
        const whole = b.totals.find((t) => t.what === 'all');
        for (const t of b.totals.filter((other) => other.what === 'network' && whole)) {
            const just = t.groups.size === whole.groups.size && [...t.groups].every((g) => whole.groups.has(g));
            must(!just || (t.lines <= whole.lines && t.attempts <= whole.attempts), 'a part is larger than the whole');
            t.whole = just ? whole : null;
        }
    }

    // ---- The text -----------------------------------------------------------------------------

    const commas = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
    const clean = (text) => text.replace(/[^ -~]|\\/g, (c) => (c === '\\' ? '\\\\' : '\\x' + c.charCodeAt(0).toString(16).padStart(2, '0')));
    const clock = (n) => new Date(Number(n) * 1000).toISOString().replace('.000Z', 'Z');
    const counts = (x) => `${commas(x.lines)} lines, ${commas(x.attempts)} attempts`;

    function keyText(key) { // RFC 5952, and words for what is no address
        const word = {[FENCE_4]: 'end of IPv4', [FENCE_6]: 'end of IPv6', [NONE]: 'no address', [END]: 'end of addresses'}[key];
        if (word) { return word; }
        const a = unhex(key).subarray(1, 17), four = Array.from(a.subarray(12)).join('.');
        if (key.startsWith('04')) { return four; }
        if (/^06(00){10}ffff/.test(key)) { return '::ffff:' + four; }
        const parts = [];
        for (let i = 0; i < 16; i += 2) { parts.push((a[i] << 8 | a[i + 1]).toString(16)); }
        let start = 0, longest = 1;
        for (let i = 0, run = 0; i < 8; i++) {
            run = parts[i] === '0' ? run + 1 : 0;
            if (run > longest) { longest = run; start = i + 1 - run; }
        }
        return longest < 2 ? parts.join(':') : parts.slice(0, start).join(':') + '::' + parts.slice(start + longest).join(':');
    }

    function where(b, groups) {
        const runs = [];
        for (const g of b.bySeq.filter((other) => groups.has(other))) {
            const run = runs[runs.length - 1];
            if (run && run.tag === g.tag && run.last + 1n === g.first) { run.last = g.last; } else { runs.push({tag: g.tag, first: g.first, last: g.last}); }
        }
        return runs.map((run) => (run.first === run.last ? `batch ${commas(run.first)}` : `batches ${commas(run.first)} to ${commas(run.last)}`) + ` of source ${run.tag}`).join('; ');
    }

    function sayNotes(b, say) {
        const note = b.checkpoint, quorum = b.policy.quorum;
        say(`log ${clean(note.origin)}: ${commas(note.size)} entries, signed by a key of the policy`);
        if (quorum === null) {
            say('no witness is asked for by the policy: when this was sealed is the party\'s word');
        } else {
            const under = (p) => { let top = p; while (top && top !== quorum) { top = top.group; } return Boolean(top); };
            const names = [...note.times].filter(([p, t]) => t <= note.high && under(p)).map(([p]) => p.name).sort(ascending((name) => name));
            say(`seen by ${names.map(clean).join(', ')}: not later than ${clock(note.high)}`);
            for (const [word, other] of [['anchor', b.older], ['beacon', b.beacon]]) {
                if (other) { say(`${word}: checkpoint of ${clean(other.origin)}, ${commas(other.size)} entries, seen not before ${clock(other.low)}`); }
            }
        }
        if (b.tokens > 0) { say(`${b.tokens} time-stamp tokens are present, NOT checked here`); }
    }

    function sayGroup(b, g, say) {
        if (g.profile === 'M') { say(`batch ${commas(g.first)} of source ${g.tag}, entry ${commas(g.entry)}`); }
        if (g.profile === 'R') { say(`batches ${commas(g.first)} to ${commas(g.last)} of source ${g.tag}, rolled up, entry ${commas(g.entry)}`); }
        if (g.profile === 'N') { say(`source ${g.tag} is introduced, entry ${commas(g.entry)}`); }
        if (g.name !== null) { say('  source name: ' + clean(g.name)); }
        if (g.profile !== 'N') {
            const high = b.checkpoint.high;
            if (g.lines !== null) { say(`  ${commas(g.lines)} lines`); }
            if (g.from !== null && g.until !== null) { say(`  times on its lines: ${clock(g.from)} to ${clock(g.until)}, as written in them`); }
            if (g.anchored && high !== undefined) { say(`  sealed after ${clock(b.older.low)}`); }
            if (g.until !== null && high !== undefined) {
                const d = high - g.until, grade = d <= 600n ? 'A, within 10 minutes' : d <= 86400n ? 'B, within a day' : 'C before an accusation, class D after it';
                say(d < 0n ? '  sealed before the last time on its lines: that time is wrong, or the clock was' : `  sealed ${commas(d)} s after its last line at most: class ${grade}`);
            }
        }
        g.items.forEach((item) => sayItem(item, say));
    }

    const WORDS = ['time', 'text', 'account', 'source address', 'target', 'agent', 'program'];
    function sayItem(item, say) {
        switch (item.what) {
        case 'record':
            item.slots.forEach((s, k) => {
                if (!s) { return; }
                const text = clean(string(s.value));
                say(item.profile === 'G' ? `  line ${commas(8n * item.index + BigInt(k))}: ${text}` : `  part of line ${commas(item.index)}, ${WORDS[s.kind - 0x11] || 'part'}: ${text}`);
            });
            break;
        case 'address': say(`  ${keyText(item.key)}: ${counts(item)}`); break;
        case 'range': say(`  ${keyText(item.low)} up to, without, ${keyText(item.key)}: ${counts(item)}`); break;
        case 'absent': say(`  ${keyText(item.key)}: no line`); break;
        case 'all': say(`  all: ${counts(item)}`); break;
        default: say(`  sample ${commas(item.number)}: line ${commas(item.line)} stands in the index`);
        }
    }

    function sayTotal(b, t, say) {
        const table = b.table ? `${clean(b.table.name)} ${clean(b.table.date)}` : '';
        const tenths = (n) => `${commas(n / 10n)}.${n % 10n} %`, share = (part, all) => tenths(all === 0n ? 0n : part * 1000n / all);
        switch (t.what) {
        case 'address': say(`total ${keyText(t.key)}: ${counts(t)}, in ${where(b, t.groups)}`); break;
        case 'range': say(`total ${keyText(t.low)} up to, without, ${keyText(t.high)}: ${counts(t)}, in ${where(b, t.groups)}`); break;
        case 'all': say(`total: ${counts(t)}, in ${where(b, t.groups)}`); break;
        case 'network':
            say(`total AS${t.number} (${clean(t.rows[0].operator)}): ${counts(t)}, by ${commas(t.rows.length)} rows of table ${table}, in ${where(b, t.groups)}`);
            if (t.whole) { say(`  = ${share(t.lines, t.whole.lines)} of the lines, ${share(t.attempts, t.whole.attempts)} of the attempts`); }
            break;
        case 'members':
            say(`${commas(t.inside)} of ${commas(t.of)} addresses are registered in AS${t.number} by table ${table}, ${commas(t.elsewhere)} elsewhere, ${commas(t.of - t.inside - t.elsewhere)} not shown`);
            break;
        case 'matching': say(`at least ${commas(t.lines)} lines contain: ${clean(string(t.bytes))}`); break;
        case 'unbroken': say(`no batch is missing: ${where(b, t.groups)}`); break;
        default: {
            let chance = 1000000n;
            for (let i = 0n, before = 0n; i < t.number && chance !== before; i++) { before = chance; chance = (chance * 99n + 99n) / 100n; }
            say(`audit: ${commas(t.number)} of ${commas(t.of)} lines, drawn after sealing, stand in the index (a lie in 1 % of the lines stays unseen with probability ${tenths((chance + 999n) / 1000n)})`);
        }
        }
    }

    function sayLimits(b, say) {
        const items = b.groups.flatMap((g) => g.items), total = (...words) => b.totals.some((t) => words.includes(t.what));
        const heads = b.groups.filter((g) => g.profile !== 'N');
        say('Committed by that time; this says nothing on who wrote the lines or whether they are true.');
        if (heads.some((g) => g.slots[3] || g.slots[4] || g.slots[5]) || items.some((item) => item.what === 'record' && item.slots.some((s) => s))) {
            say('Times on lines are claims of the party.');
        }
        if (items.some((item) => item.profile === 'S')) { say('The rest of a line is not disclosed.'); }
        if (total('matching')) { say('At least: a lower bound, more may exist.'); }
        if (items.some((item) => ['address', 'range', 'absent', 'all'].includes(item.what))) {
            say(`Counts are relative to the sealer's index; audit level: ${total('audit') ? 'sampled' : 'none'}.`);
        }
        if (heads.length > 0) { say('The collector may still have missed events; other sources of this party are not shown.'); }
        if (total('network', 'members')) { say('A network is where an address was registered by that table, not who used it.'); }
        if (total('members')) { say('The addresses are those disclosed, not necessarily all.'); }
        say('holds');
    }

    return (bundle, policy) => {
        try {
            const r = new Reader(bundle), out = [], say = (line) => out.push(line);
            const b = {policy: readPolicy(typeof policy === 'string' ? new TextEncoder().encode(policy) : policy), tokens: 0, groups: [], totals: []};
            if (!r.skips('onus/bundle/v1\n')) { throw new Stop(3, 'this is no bundle of version 1'); }
            must(bundle.length <= BUNDLE_MAX, 'a bundle is larger than 64 MiB');
            readBundle(b, r);
            sayNotes(b, say);
            b.groups.forEach((g) => sayGroup(b, g, say));
            b.totals.forEach((t) => sayTotal(b, t, say));
            sayLimits(b, say);
            return {exit: 0, verdict: 'holds', text: out.join('\n') + '\n'};
        } catch (problem) { // anything unforeseen is no verdict on the bundle
            const exit = problem instanceof Stop ? problem.exit : 3, verdict = exit === 1 ? 'does not hold' : 'cannot tell';
            return {exit, verdict, text: `${verdict}: ${problem.message}\n`};
        }
    };
})();
