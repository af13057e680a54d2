# SPDX-License-Identifier: Apache-2.0
"""A little world of sealed lines, and bundles about it, written from docs/formats/ alone.

The expected text of a bundle is told from the lines of the world, not from the bytes of the bundle.
Python's standard library only; the same bytes at every run.
"""
import base64
import datetime
import hashlib
import hmac
import ipaddress
import struct

import ed25519


def sha(data):
    return hashlib.sha256(data).digest()


def b64(data):
    return base64.b64encode(data).decode()


def be64(n):
    return struct.pack('>Q', n)


# ---- Trees (RFC 6962) -----------------------------------------------------------------------------

def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root(leaves):
    if not leaves:
        return sha(b'')
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha(b'\1' + root(leaves[:k]) + root(leaves[k:]))


def path(i, leaves):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if i < k:
        return path(i, leaves[:k]) + [root(leaves[k:])]
    return path(i - k, leaves[k:]) + [root(leaves[:k])]


def path_text(i, leaves):
    return ''.join('h %s\n' % b64(h) for h in path(i, leaves)).encode()


# ---- Keys of the tree of salts (evidence.md, Keys and salts) ----------------------------------------

def batch_key(source, seq):
    key = source
    for bit in range(31, -1, -1):
        key = hmac.new(key, b'1' if seq >> bit & 1 else b'0', 'sha256').digest()
    return key


def salt(key, number):
    digest = sha(b'onus/salt' + key + be64(number // 2))
    return digest[16:] if number & 1 else digest[:16]


class Entry:
    """A record: slots that can be opened or not."""

    def __init__(self, profile, public, values, salts, raw=False):
        self.head = profile.encode() + public
        self.slots = list(zip(values, salts))
        self.raw = raw

    def commit(self, i):
        (kind, value), s = self.slots[i]
        return sha(bytes([2, kind]) + s + value)

    def leaf(self):
        cs = [self.commit(i) for i in range(len(self.slots))]
        return sha(b'\0' + self.head + bytes([len(cs)]) + b''.join(cs))

    def text(self, opened):
        out = b''
        for i, ((kind, value), s) in enumerate(self.slots):
            if i in opened:
                shown = value if self.raw else value.hex().encode()
                out += b'o %02x %s %d:' % (kind, s.hex().encode(), len(value)) + shown + b'\n'
            else:
                out += b'c ' + b64(self.commit(i)).encode() + b'\n'
        return out


# ---- Addresses and keys of the index ----------------------------------------------------------------

NO_ADDRESS = b'\xff' + bytes(16) + b'\1'
END_OF_ADDRESSES = b'\xff' + bytes(17)
END_OF_IPV4 = b'\4' + bytes(11) + b'\1' + bytes(5)
END_OF_IPV6 = b'\7' + bytes(17)


def key(address, fence=False):
    """The key of an address (text), or of the fence below it; None is no address."""
    if isinstance(address, bytes):
        return address
    if address is None:
        return END_OF_ADDRESSES if fence else NO_ADDRESS
    a = ipaddress.ip_address(address)
    return bytes([a.version]) + bytes(16 - len(a.packed)) + a.packed + (b'\0' if fence else b'\1')


def fence_behind(network):
    net = ipaddress.ip_network(network)
    last = int(net.broadcast_address) + 1
    if last == 2**net.max_prefixlen:
        return END_OF_IPV4 if net.version == 4 else END_OF_IPV6
    return bytes([net.version]) + last.to_bytes(16, 'big') + b'\0'


def edges(network):
    return key(str(ipaddress.ip_network(network).network_address), True), fence_behind(network)


def key_text(k):
    special = {NO_ADDRESS: 'no address', END_OF_ADDRESSES: 'end of addresses',
               END_OF_IPV4: 'end of IPv4', END_OF_IPV6: 'end of IPv6'}
    if k in special:
        return special[k]
    if k[0] == 4:
        return str(ipaddress.IPv4Address(k[13:17]))
    mapped = ipaddress.IPv6Address(k[1:17]).ipv4_mapped
    return '::ffff:%s' % mapped if mapped else str(ipaddress.IPv6Address(k[1:17]))


# ---- Sources, batches, roll-ups ------------------------------------------------------------------------

class Source:
    def __init__(self, name, seed, party='party.example'):
        self.name = name
        self.secret = sha(b'source ' + seed.encode())
        self.tag = sha(b'onus/src' + self.secret)[:16]
        k = hmac.new(self.secret, b'onus/source', 'sha256').digest()
        values = [(0x50, name), (0x51, b'G'), (0x52, be64(1767225600)), (0x53, party.encode())]
        self.entry = Entry('N', self.tag, values, [salt(k, i) for i in range(4)])
        self.profile = 'N'

    def leaf(self):
        return self.entry.leaf()


class Index:
    """Rows of (key, lines below and at, root of postings, attempts below and at)."""

    def __init__(self, counted, salts, networks=(), lie=None):
        self.numbers = {}
        attempts = {}
        keys = {END_OF_ADDRESSES, NO_ADDRESS, key('0.0.0.0', True)}
        for n, (address, tries) in enumerate(counted):
            k = key(address)
            self.numbers.setdefault(k, []).append(n)
            attempts[k] = attempts.get(k, 0) + tries
            keys.add(k)
            if k != NO_ADDRESS:
                for size in ((24, 16) if k[0] == 4 else (48, 32)):
                    keys.update(edges('%s/%d' % (ipaddress.ip_network('%s/%d' % (address, size), False)
                                                 .network_address, size)))
        for network in networks:
            keys.update(edges(network))
        self.keys = sorted(keys)
        self.counts = {k: (len(self.numbers.get(k, [])), attempts.get(k, 0)) for k in keys}
        self.rows, lines, tries = [], 0, 0
        for i, k in enumerate(self.keys):
            lines += self.counts[k][0]
            tries += self.counts[k][1]
            postings = root([sha(b'\0' + be64(n)) for n in self.numbers.get(k, [])])
            row = [(0x20, k), (0x21, be64(lines)), (0x22, postings), (0x23, be64(tries))]
            if lie:
                lie(i, k, row)
            self.rows.append(Entry('I', b'', row, [salts(4 * i + j) for j in range(4)]))
        self.leaves = [r.leaf() for r in self.rows]

    def slot(self):
        return be64(len(self.rows)) + root(self.leaves)

    def row(self, i, opened):
        return b'row %d 4\n' % i + self.rows[i].text(opened) + path_text(i, self.leaves)

    def between(self, low, high):
        """Lines and attempts of the addresses from one fence to another."""
        inside = [self.counts[k] for k in self.keys if low < k < high and k[17] == 1]
        return sum(c[0] for c in inside), sum(c[1] for c in inside)


class Head:
    """What a manifest and a roll-up have in common."""

    def manifest(self, public, values, salts, change):
        values = [(k, change.get(k, v)) for k, v in values]
        self.values = dict(values)
        self.entry = Entry(self.profile, public, values, salts)

    def leaf(self):
        return self.entry.leaf()


class Batch(Head):
    """lines: (bytes or parts, address or None, attempts). A part is (kind, bytes)."""

    profile = 'M'

    def __init__(self, source, seq, lines, before=None, leaves='G', times=None, networks=(), anchor=b'', lie=None,
                 change=None, flags=0):
        self.source, self.tag, self.first, self.last = source, source.tag, seq, seq
        self.leaves_are = leaves
        k = batch_key(source.secret, seq)
        self.raw = [l[0] if leaves == 'G' else b''.join(v for _, v in l[0]) for l in lines]
        self.records, number = [], 0
        if leaves == 'G':
            for i in range(0, len(lines), 8):
                part = [(0x10, l[0]) for l in lines[i:i + 8]]
                self.records.append(Entry('G', b'', part, [salt(k, number + j) for j in range(len(part))], True))
                number += len(part)
        else:
            for parts, _, _ in lines:
                self.records.append(Entry('S', b'', parts, [salt(k, number + j) for j in range(len(parts))], True))
                number += len(parts)
        self.leaf_hashes = [r.leaf() for r in self.records]
        self.counted = [(l[1], l[2]) for l in lines]
        start = number
        self.index = Index(self.counted, lambda j: salt(k, start + j), networks, lie)
        number += 4 * len(self.index.rows)
        self.lines, self.times = len(lines), times
        self.attempts = sum(l[2] for l in lines)
        first, last = times if times else (None, None)
        previous = before.leaf() if before else source.leaf()
        flags |= (0x40 if leaves == 'S' else 0) | (0 if lines else 1)
        values = [(0x40, source.name), (0x41, b'onus 1 party.example/c1'), (0x42, previous),
                  (0x43, be64(first) if times else b''), (0x44, be64(last) if times else b''),
                  (0x45, be64(1767300000)), (0x46, be64(len(lines))), (0x47, be64(len(self.records))),
                  (0x48, root(self.leaf_hashes)), (0x49, self.index.slot()), (0x4a, sha(b'rules 1')),
                  (0x4b, anchor), (0x4c, bytes([flags]))]
        self.manifest(self.tag + be64(seq), values, [salt(k, number + j) for j in range(13)], change or {})

    def head(self, opened):
        return b'manifest 13 %s %d\n' % (self.tag.hex().encode(), self.first) + \
            self.entry.text({k - 0x40 for k in opened})


class Rollup(Head):
    profile = 'R'
    leaves_are = None

    def __init__(self, source, batches, networks=(), change=None, first=None, last=None):
        self.source, self.tag = source, source.tag
        self.first = batches[0].first if first is None else first
        self.last = batches[-1].last if last is None else last
        base = hmac.new(source.secret, b'onus/rollups', 'sha256').digest()
        k = hmac.new(base, be64(self.first) + be64(self.last), 'sha256').digest()
        self.counted = [c for b in batches for c in b.counted]
        self.index = Index(self.counted, lambda j: salt(k, j), networks)
        number = 4 * len(self.index.rows)
        self.lines = sum(b.lines for b in batches)
        self.attempts = sum(b.attempts for b in batches)
        spans = [b.times for b in batches if b.times]
        self.times = (min(s[0] for s in spans), max(s[1] for s in spans)) if spans else None
        tree = root([sha(b'\0' + b.leaf()) for b in batches])
        values = [(0x40, source.name), (0x41, b'onus 1 party.example/c1'), (0x42, batches[-1].leaf()),
                  (0x43, be64(self.times[0]) if spans else b''), (0x44, be64(self.times[1]) if spans else b''),
                  (0x45, be64(1767300000)), (0x46, be64(self.lines)), (0x47, be64(len(batches))), (0x48, tree),
                  (0x49, self.index.slot()), (0x4a, sha(b'rules 1')), (0x4b, b''), (0x4c, b'\0')]
        self.manifest(self.tag + be64(self.first) + be64(self.last), values,
                      [salt(k, number + j) for j in range(13)], change or {})

    def head(self, opened):
        return b'rollup 13 %s %d %d\n' % (self.tag.hex().encode(), self.first, self.last) + \
            self.entry.text({k - 0x40 for k in opened})


# ---- Logs, witnesses, policies ---------------------------------------------------------------------------

class Signer:
    def __init__(self, name, seed, kind):
        self.name, self.kind = name, kind
        self.key = ed25519.Key(sha(b'key ' + seed.encode()))
        self.id = sha(name.encode() + b'\n' + bytes([kind]) + self.key.public)[:4]

    def vkey(self):
        return '%s+%s+%s' % (self.name, self.id.hex(), b64(bytes([self.kind]) + self.key.public))

    def line(self, text, time=None):
        if self.kind == 1:
            signature = self.key.sign(text)
        else:
            signature = be64(time) + self.key.sign(b'cosignature/v1\ntime %d\n' % time + text)
        return '\u2014 %s %s\n' % (self.name, b64(self.id + signature))


class Note:
    def __init__(self, log, leaves, cosigned, more='', origin=None, body=None):
        """cosigned: (witness, time) each; more: further signature lines."""
        self.size, self.origin = len(leaves), origin or log.name
        self.text = body or ('%s\n%d\n%s\n' % (self.origin, self.size, b64(root(leaves)))).encode()
        self.cosigned = cosigned
        lines = log.line(self.text) + ''.join(w.line(self.text, t) for w, t in cosigned) + more
        self.bytes = self.text + b'\n' + lines.encode()


class Policy:
    """rule: a function from a set of witnesses to whether they are enough; None for no quorum."""

    def __init__(self, name, text, members=(), rule=None):
        self.name, self.text, self.members, self.rule = name, text, dict(members), rule

    def spans(self, note):
        """T_lo and T_hi of a note, with the names that stand behind T_hi."""
        if self.rule is None:
            return None, None, []
        first = {}
        for w, t in note.cosigned:
            if w.name in self.members:
                first[w.name] = min(t, first.get(w.name, t))
        order = sorted(first.items(), key=lambda x: x[1])
        high = next(t for _, t in order if self.rule({n for n, u in order if u <= t}))
        low = next(t for _, t in reversed(order) if self.rule({n for n, u in order if u >= t}))
        names = sorted(self.members[n] for n, u in order if u <= high)
        return low, high, names


# ---- Words -------------------------------------------------------------------------------------------------

def commas(n):
    return format(n, ',')


def clean(data):
    if isinstance(data, str):
        data = data.encode()
    return ''.join('\\\\' if c == 0x5c else chr(c) if 0x20 <= c < 0x7f else '\\x%02x' % c for c in data)


def clock(n):
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=n)
    return moment.strftime('%Y-%m-%dT%H:%M:%SZ').rjust(20, '0')


def counts(lines, attempts):
    return '%s lines, %s attempts' % (commas(lines), commas(attempts))


PARTS = {0x11: 'time', 0x12: 'text', 0x13: 'account', 0x14: 'source address', 0x15: 'target', 0x16: 'agent',
         0x17: 'program'}


# ---- Bundles ------------------------------------------------------------------------------------------------

class Group:
    def __init__(self, bundle, what, opened):
        self.bundle, self.what, self.opened = bundle, what, opened
        self.entry = bundle.leaves.index(what.leaf())
        self.pieces, self.said = [], []
        self.shown, self.part_shown, self.claims = False, False, []
        if what.profile == 'N':
            head = b'source 4 %s\n' % what.tag.hex().encode() + what.entry.text({k - 0x50 for k in opened})
        else:
            head = what.head(opened)
        self.head = b'batch %d\n' % self.entry + path_text(self.entry, bundle.leaves) + head

    def record(self, i, opened, n=None):
        """Leaf i with these of its slots open."""
        entry = self.what.records[i]
        self.pieces.append(b'record %d %s %d\n' % (i, entry.head, len(entry.slots)) + entry.text(opened) +
                           path_text(i, self.what.leaf_hashes))
        self.part_shown = self.part_shown or entry.head == b'S'
        for k in sorted(opened):
            kind, value = entry.slots[k][0]
            self.shown = True
            if entry.head == b'G':
                self.said.append('  line %s: %s' % (commas(8 * i + k), clean(value)))
            else:
                self.said.append('  part of line %s, %s: %s' % (commas(i), PARTS.get(kind, 'part'), clean(value)))
        return self

    def line(self, n):
        return self.record(n // 8, {n % 8})

    def count(self, address, more=()):
        index, k = self.what.index, key(address)
        i = index.keys.index(k)
        self.pieces.append(b'claim count address\n' + index.row(i - 1, {1, 3} | set(more)) +
                           index.row(i, {0, 1, 3}))
        self.said.append('  %s: %s' % (key_text(k), counts(*index.counts[k])))
        self.claims.append(('count', k, k) + index.counts[k])
        return self

    def range(self, low, high):
        index = self.what.index
        i, j = index.keys.index(low), index.keys.index(high)
        self.pieces.append(b'claim count range\n' + index.row(i, {0, 1, 3}) + index.row(j, {0, 1, 3}))
        between = index.between(low, high)
        self.said.append('  %s up to, without, %s: %s' % (key_text(low), key_text(high), counts(*between)))
        self.claims.append(('range', low, high) + between)
        return self

    def network(self, network):
        return self.range(*edges(network))

    def absent(self, address):
        index, k = self.what.index, key(address)
        j = next(i for i, other in enumerate(index.keys) if other > k)
        self.pieces.append(b'claim absent %s\n' % k.hex().encode() + index.row(j - 1, {0}) + index.row(j, {0}))
        self.said.append('  %s: no line' % key_text(k))
        self.claims.append(('count', k, k, 0, 0))
        return self

    def all(self):
        index = self.what.index
        self.pieces.append(b'claim all\n' + index.row(len(index.rows) - 1, {1, 3}))
        self.said.append('  all: ' + counts(self.what.lines, self.what.attempts))
        self.claims.append(('all', b'', b'', self.what.lines, self.what.attempts))
        return self

    def drawn(self, j):
        """Leaf and slot that sample j must show."""
        c = sha(self.what.values[0x48] + sha(self.bundle.beacon.bytes))
        digest = sha(c + be64(j))
        leaf = int.from_bytes(digest[:8], 'big') % len(self.what.records)
        return leaf, digest[8] % len(self.what.records[leaf].slots)

    def sample(self, j, number=None):
        leaf, slot = self.drawn(j)
        line = (8 * leaf + slot if self.what.leaves_are == 'G' else leaf) if number is None else number
        index = self.what.index
        k = key(self.what.counted[line][0])
        i = index.keys.index(k)
        postings = index.numbers[k]
        place = postings.index(line)
        self.pieces.append(b'claim sample %d\n' % j + index.row(i - 1, {1}) + index.row(i, {0, 1, 2}) +
                           b'posting %d\n' % place + path_text(place, [sha(b'\0' + be64(n)) for n in postings]))
        self.said.append('  sample %s: line %s stands in the index' % (commas(j), commas(line)))
        return self

    def samples(self, count):
        """Samples 0 to count - 1, and their records in ascending order first."""
        drawn = {}
        for j in range(count):
            leaf, slot = self.drawn(j)
            drawn.setdefault(leaf, set()).add(slot)
        for leaf in sorted(drawn):
            whole = set(range(len(self.what.records[leaf].slots)))
            self.record(leaf, drawn[leaf] if self.what.leaves_are == 'G' else whole)
        for j in range(count):
            self.sample(j)
        return self

    def text(self, anchor, low, high):
        what = self.what
        tag = what.tag.hex()
        if what.profile == 'N':
            out = ['source %s is introduced, entry %s' % (tag, commas(self.entry))]
            return out + (['  source name: ' + clean(what.name)] if 0x50 in self.opened else [])
        if what.profile == 'M':
            out = ['batch %s of source %s, entry %s' % (commas(what.first), tag, commas(self.entry))]
        else:
            out = ['batches %s to %s of source %s, rolled up, entry %s' %
                   (commas(what.first), commas(what.last), tag, commas(self.entry))]
        if 0x40 in self.opened:
            out.append('  source name: ' + clean(what.values[0x40]))
        if 0x46 in self.opened:
            out.append('  %s lines' % commas(what.lines))
        if {0x43, 0x44} <= self.opened and what.times:
            out.append('  times on its lines: %s to %s, as written in them' % tuple(map(clock, what.times)))
        if 0x4b in self.opened and anchor and what.values[0x4b] == sha(anchor.bytes) and low is not None:
            out.append('  sealed after ' + clock(low))
        if 0x44 in self.opened and what.times and high is not None:
            d = high - what.times[1]
            if d < 0:
                out.append('  sealed before the last time on its lines: that time is wrong, or the clock was')
            else:
                out.append('  sealed %s s after its last line at most: class ' % commas(d) +
                           ('A, within 10 minutes' if d <= 600 else 'B, within a day' if d <= 86400 else
                            'C before an accusation, class D after it'))
        return out + self.said


class Bundle:
    def __init__(self, log, policy, leaves, cosigned, older=None, beacon=None, tsa=(), note=None):
        self.policy, self.older, self.beacon, self.tsa = policy, older, beacon, tsa
        self.leaves = leaves
        self.note = note or Note(log, leaves, cosigned)
        self.groups, self.totals, self.total_text = [], [], []
        self.limits = set()

    def group(self, what, opened=()):
        g = Group(self, what, set(opened))
        self.groups.append(g)
        return g

    def where(self, groups):
        runs = []
        for g in sorted((g.what for g in groups), key=lambda w: (w.tag, w.first)):
            if runs and runs[-1][0] == g.tag and runs[-1][2] + 1 == g.first:
                runs[-1][2] = g.last
            else:
                runs.append([g.tag, g.first, g.last])
        return '; '.join(('batch %s of source %s' % (commas(a), t.hex()) if a == z else
                          'batches %s to %s of source %s' % (commas(a), commas(z), t.hex())) for t, a, z in runs)

    def total(self, line, *text):
        self.totals.append(line if isinstance(line, bytes) else line.encode())
        self.total_text += text

    def counting(self, pick):
        """Groups and sums of the claims that pick accepts."""
        groups, lines, attempts = [], 0, 0
        for g in self.groups:
            found = [c for c in g.claims if pick(c)]
            if found:
                groups.append(g)
                lines += sum(c[3] for c in found)
                attempts += sum(c[4] for c in found)
        return groups, lines, attempts

    def total_address(self, address):
        k = key(address)
        groups, lines, attempts = self.counting(lambda c: c[0] == 'count' and c[1] == k)
        self.total('total address %s\n' % k.hex(), 'total %s: %s, in %s' %
                   (key_text(k), counts(lines, attempts), self.where(groups)))

    def of_range(self, low, high):
        return lambda c: c[0] == 'range' and ((c[1], c[2]) == (low, high) or
                                              (c[1] <= low and high <= c[2] and c[3] == 0))

    def total_range(self, low, high):
        groups, lines, attempts = self.counting(self.of_range(low, high))
        self.total('total range %s %s\n' % (low.hex(), high.hex()), 'total %s up to, without, %s: %s, in %s' %
                   (key_text(low), key_text(high), counts(lines, attempts), self.where(groups)))

    def total_all(self):
        groups, lines, attempts = self.counting(lambda c: c[0] == 'all')
        self.total('total all\n', 'total: %s, in %s' % (counts(lines, attempts), self.where(groups)))

    def total_network(self, table, asn, shown, whole=None):
        """shown: the rows (low, high, asn, operator) that the bundle shows; whole: (lines, attempts)."""
        rows = [r for r in shown if r[2] == asn]
        groups, lines, attempts = [], 0, 0
        for low, high, _, _ in rows:
            found, l, a = self.counting(self.of_range(low, high))
            groups += [g for g in found if g not in groups]
            lines, attempts = lines + l, attempts + a
        text = ['total AS%d (%s): %s, by %s rows of table %s, in %s' %
                (asn, clean(rows[0][3]), counts(lines, attempts), commas(len(rows)), table, self.where(groups))]
        if whole:
            parts = [n * 1000 // w if w else 0 for n, w in zip((lines, attempts), whole)]
            text.append('  = %s.%d %% of the lines, %s.%d %% of the attempts' %
                        (commas(parts[0] // 10), parts[0] % 10, commas(parts[1] // 10), parts[1] % 10))
        self.limits.add('network')
        self.total('total network %d\n' % asn, *text)

    def total_members(self, table, asn, shown):
        keys = {c[1] for g in self.groups for c in g.claims if c[0] == 'count' and c[3] > 0}
        inside = {k for k in keys for r in shown if r[2] == asn and r[0] < k < r[1]}
        other = {k for k in keys for r in shown if r[2] != asn and r[0] < k < r[1]}
        self.limits |= {'network', 'members'}
        self.total('total members %d\n' % asn,
                   '%s of %s addresses are registered in AS%d by table %s, %s elsewhere, %s not shown' %
                   (commas(len(inside)), commas(len(keys)), asn, table, commas(len(other)),
                    commas(len(keys - inside - other))))

    def total_matching(self, wanted, n):
        self.limits.add('matching')
        self.total(b'total matching %d:' % len(wanted) + wanted + b'\n',
                   'at least %s lines contain: %s' % (commas(n), clean(wanted)))

    def total_unbroken(self, source):
        groups = [g for g in self.groups if g.what.tag == source.tag and g.what.profile != 'N']
        self.total('total unbroken %s\n' % source.tag.hex(), 'no batch is missing: ' + self.where(groups))

    def total_audit(self, k, lines):
        chance = 1000000
        for _ in range(k):
            chance = -(-chance * 99 // 100)
        chance = -(-chance // 1000)
        self.limits.add('audit')
        self.total('total audit %d\n' % k, 'audit: %s of %s lines, drawn after sealing, stand in the index (a lie in '
                   '1 %% of the lines stays unseen with probability %d.%d %%)' %
                   (commas(k), commas(lines), chance // 10, chance % 10))

    def pieces(self):
        """The file in parts, so that a broken one can be made by changing a part."""
        out = [b'onus/bundle/v1\n', b'checkpoint %d\n' % len(self.note.bytes), self.note.bytes]
        if self.older:
            out += [b'older-checkpoint %d\n' % len(self.older.bytes), self.older.bytes]
        if self.beacon:
            out += [b'beacon %d\n' % len(self.beacon.bytes), self.beacon.bytes]
        out += [b'tsa %s\n' % b64(t).encode() for t in self.tsa]
        for g in self.groups:
            out += [g.head] + g.pieces
        count = sum(len(g.pieces) for g in self.groups) + len(self.totals)
        return out + self.totals + [b'end %d\n' % count]

    def bytes(self):
        return b''.join(self.pieces())

    def text(self):
        low, high, names = self.policy.spans(self.note)
        out = ['log %s: %s entries, signed by a key of the policy' % (clean(self.note.origin), commas(self.note.size))]
        anchor_low = None
        if high is None:
            out.append('no witness is asked for by the policy: when this was sealed is the party\'s word')
        else:
            out.append('seen by %s: not later than %s' % (', '.join(map(clean, names)), clock(high)))
            for word, note in (('anchor', self.older), ('beacon', self.beacon)):
                if note:
                    seen = self.policy.spans(note)[0]
                    anchor_low = seen if word == 'anchor' else anchor_low
                    out.append('%s: checkpoint of %s, %s entries, seen not before %s' %
                               (word, clean(note.origin), commas(note.size), clock(seen)))
        if self.tsa:
            out.append('%d time-stamp tokens are present, NOT checked here' % len(self.tsa))
        for g in self.groups:
            out += g.text(self.older, anchor_low, high)
        out += self.total_text
        out.append('Committed by that time; this says nothing on who wrote the lines or whether they are true.')
        heads = [g for g in self.groups if g.what.profile != 'N']
        if any(g.shown or g.opened & {0x43, 0x44, 0x45} for g in heads):
            out.append('Times on lines are claims of the party.')
        if any(g.part_shown for g in heads):
            out.append('The rest of a line is not disclosed.')
        if 'matching' in self.limits:
            out.append('At least: a lower bound, more may exist.')
        if any(g.claims for g in heads):
            out.append('Counts are relative to the sealer\'s index; audit level: %s.' %
                       ('sampled' if 'audit' in self.limits else 'none'))
        if heads:
            out.append('The collector may still have missed events; other sources of this party are not shown.')
        if 'network' in self.limits:
            out.append('A network is where an address was registered by that table, not who used it.')
        if 'members' in self.limits:
            out.append('The addresses are those disclosed, not necessarily all.')
        return '\n'.join(out + ['holds', ''])
