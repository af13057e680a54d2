# SPDX-License-Identifier: Apache-2.0
"""Bundles that do not hold, one rule each, and some of which nobody can tell (code 3)."""
import base64

import hashlib

import ed25519
import golden
from golden import A, A0, A1, A2, A3, ANCHOR, B, BEACON, C, INDEX, LINES, ROWS, T, TABLE, rest, ssh, world
from policies import ANY, BAD, EVERY, FOREIGN, LOG, NONE, STRANGER, W1, W2, W3
from world import Batch, Bundle, Entry, Note, Rollup, b64, be64, edges, key, path_text, root, sha


def change(data, old, new):
    assert data.count(old) >= 1, old
    return data.replace(old, new, 1)


def of(*batches, policy=ANY, more=(), **kw):
    """A log of just these entries."""
    return Bundle(LOG, policy, [x.leaf() for x in batches] + list(more), [(W1, T)], **kw)


def alone(lines=(rest(b'one line'),), **kw):
    return Batch(A, 0, list(lines), **kw)


ONE = alone()
TWO = alone([rest(b'line %d' % i) for i in range(10)])


def shown(opened=(0x47, 0x48), batch=ONE, leaf=0, slots=(0,), **kw):
    b = of(batch, **kw)
    b.group(batch, opened).record(leaf, set(slots))
    return b


def spelling():
    good = shown().bytes()
    b = shown()
    yield 'number-with-leading-zero', change(good, b'batch 0\n', b'batch 00\n')
    yield 'number-of-19-digits', change(good, b'end 1\n', b'total network 1000000000000000000\nend 2\n')
    yield 'number-with-sign', change(good, b'batch 0\n', b'batch +0\n')
    at = good.index(b'\nc ') + 3
    end = good.index(b'=\n', at) - 1
    digits = b'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    yield 'base64-with-unused-bits', good[:end] + bytes([digits[digits.index(good[end]) | 1]]) + good[end + 1:]
    yield 'base64-without-padding', good[:end + 1] + good[end + 2:]
    yield 'base64-of-33-bytes', good[:at] + b64(bytes(33)).encode() + good[end + 2:]
    yield 'hexadecimal-in-capitals', change(good, A.tag.hex().encode(), A.tag.hex().upper().encode())
    yield 'two-blanks', change(good, b'record 0 G', b'record  0 G')
    yield 'blank-at-the-end', change(good, b'end 1\n', b'end 1 \n')
    yield 'carriage-return', change(good, b'end 1\n', b'end 1\r\n')
    yield 'no-last-line-feed', good[:-1]
    yield 'bytes-after-the-end', good + b'\n'
    yield 'two-ends', good + b'end 1\n'
    yield 'end-number-too-small', change(good, b'end 1\n', b'end 0\n')
    yield 'end-number-too-large', change(good, b'end 1\n', b'end 2\n')
    yield 'end-missing', change(good, b'end 1\n', b'')
    yield 'cut-in-a-path', b''.join(world_pieces()[:4])[:-20]
    yield 'cut-at-a-section', b''.join(world_pieces()[:4])
    yield 'no-group', b''.join(b.pieces()[:3]) + b'end 0\n'
    yield 'total-before-the-group', b''.join(b.pieces()[:3]) + b'total all\n' + b''.join(b.pieces()[3:])
    yield 'token-nine', change(good, b'batch 0', b'tsa AAAA\n' * 9 + b'batch 0')
    yield 'token-empty', change(good, b'batch 0', b'tsa \nbatch 0')
    yield 'token-behind-a-group', change(good, b'end 1\n', b'tsa AAAA\nend 1\n')
    b = of(ONE, older=ANCHOR, beacon=BEACON)
    b.group(ONE)
    p = b.pieces()
    yield 'beacon-before-older-checkpoint', b''.join(p[:3] + p[5:7] + p[3:5] + p[7:])
    yield 'length-too-large', change(good, b' 8:one line', b' 9:one line')
    yield 'length-too-small', change(good, b' 8:one line', b' 7:one line')
    yield 'length-beyond-the-file', change(good, b' 8:one line', b' 999999999999999999:one line')
    bad = alone([rest(b'one\nline')])
    yield 'line-feed-in-a-line', shown(batch=bad).bytes()
    yield 'unknown-claim', change(good, b'end 1\n', b'claim most\nend 2\n')
    yield 'unknown-total', change(good, b'end 1\n', b'total most\nend 2\n')
    yield 'unknown-head', change(good, b'manifest 13', b'manifesto 13')
    yield 'head-of-12-slots', change(good, b'manifest 13', b'manifest 12')
    yield 'empty-line', change(good, b'batch 0\n', b'\nbatch 0\n')


def world_pieces():
    b = world()
    b.group(A0, LINES).record(0, {0})
    return b.pieces()


def with_note(note, policy=ANY):
    b = of(ONE, policy=policy, note=note)
    b.group(ONE)
    return b.bytes()


def raw_note(data):
    note = Note(LOG, [ONE.leaf()], [(W1, T)])
    note.bytes = data
    return with_note(note)


def flipped(line):
    """A signature line whose signature is another."""
    name, data = line.split(' ')[1:]
    raw = bytearray(base64.b64decode(data))
    raw[-20] ^= 4
    return '\u2014 %s %s\n' % (name, b64(bytes(raw)))


def notes():
    leaves = [ONE.leaf()]
    good = Note(LOG, leaves, [(W1, T)])
    text, log, witness = good.text, LOG.line(good.text).encode(), W1.line(good.text, T).encode()
    yield 'log-signature-changed', raw_note(text + b'\n' + flipped(log.decode()[:-1]).encode() + witness)
    yield 'cosignature-changed', raw_note(text + b'\n' + log + flipped(witness.decode()[:-1]).encode())
    yield 'second-signature-of-the-log-changed', raw_note(good.bytes + flipped(log.decode()[:-1]).encode())
    yield 'cosignature-of-an-idle-witness-changed', raw_note(
        good.bytes + flipped(W3.line(text, T)[:-1]).encode())
    yield 'not-signed-by-the-log', raw_note(text + b'\n' + witness)
    yield 'signed-by-another-log', raw_note(text + b'\n' + FOREIGN.line(text).encode() + witness)
    yield 'no-signature', raw_note(text + b'\n')
    yield 'no-blank-line', raw_note(text + log)
    yield 'no-line-feed-behind-a-note', raw_note(good.bytes[:-1])
    yield 'control-character-in-a-note', raw_note(good.bytes + '\u2014 a\tb AAAAAAA=\n'.encode())
    yield 'note-is-no-utf8', raw_note(good.bytes + b'\xe2\x80\x94 a\xff AAAAAAA=\n')
    yield 'note-has-a-surrogate', raw_note(good.bytes + b'\xe2\x80\x94 a\xed\xa0\x80 AAAAAAA=\n')
    yield 'plus-in-a-key-name', raw_note(good.bytes + '\u2014 a+b AAAAAAA=\n'.encode())
    yield 'space-in-a-key-name', raw_note(good.bytes + '\u2014 a\u2003b AAAAAAA=\n'.encode())
    yield 'key-name-empty', raw_note(good.bytes + '\u2014  AAAAAAA=\n'.encode())
    yield 'signature-empty', raw_note(good.bytes + '\u2014 a AAAAAA==\n'.encode())
    yield 'signature-without-dash', raw_note(good.bytes + b'- a AAAAAAA=\n')
    yield 'signatures-65', raw_note(good.bytes + '\u2014 a AAAAAAA=\n'.encode() * 63)
    yield 'quorum-not-reached', with_note(good, EVERY)
    yield 'quorum-by-one-witness-twice', with_note(Note(LOG, leaves, [(W1, T), (W1, T + 5)]), golden.TWO)
    yield 'quorum-by-another-witness', with_note(good, golden.ONE)
    for name, body in (('extension-line', text + b'more\n'),
                       ('size-with-leading-zero', text.replace(b'\n1\n', b'\n01\n')),
                       ('root-of-31-bytes', b'party.example/log\n1\n' + b64(bytes(31)).encode() + b'\n'),
                       ('size-missing', b'party.example/log\n' + text.split(b'\n')[2] + b'\n')):
        yield 'checkpoint-' + name, with_note(Note(LOG, leaves, [(W1, T)], body=body))
    older = Note(FOREIGN, leaves, [(W1, T)])
    for word in ('older', 'beacon'):
        b = of(ONE, policy=golden.TWO, **{word: older})
        b.note = Note(LOG, leaves, [(W1, T), (W2, T)])
        b.group(ONE)
        yield word + '-without-quorum', b.bytes()
    lonely = Note(FOREIGN, leaves, [(W1, T)])
    lonely.bytes = lonely.text + b'\n' + W1.line(lonely.text, T).encode()
    b = of(ONE, beacon=lonely)
    b.group(ONE)
    yield 'beacon-not-signed', b.bytes()
    yield 'root-of-another-tree', with_note(Note(LOG, [sha(b'another')], [(W1, T)]))


def curve():
    """Signatures that a loose verifier takes."""
    good = Note(LOG, [ONE.leaf()], [(W1, T)])
    raw = LOG.key.sign(good.text)
    s = int.from_bytes(raw[32:], 'little')

    def signed(signature):
        line = '\u2014 %s %s\n' % (LOG.name, b64(LOG.id + signature))
        return raw_note(good.text + b'\n' + line.encode() + W1.line(good.text, T).encode())
    yield 'ed25519-s-not-below-the-order', signed(raw[:32] + (s + ed25519.L).to_bytes(32, 'little'))

    def with_r(r):
        k = int.from_bytes(hashlib.sha512(r + LOG.key.public + good.text).digest(), 'little') % ed25519.L
        return signed(r + (k * LOG.key.scalar % ed25519.L).to_bytes(32, 'little'))
    yield 'ed25519-r-of-small-order', with_r((1).to_bytes(32, 'little'))
    yield 'ed25519-r-not-canonical', with_r((ed25519.P + 1).to_bytes(32, 'little'))
    yield 'ed25519-r-with-sign-of-zero', with_r((1 | 1 << 255).to_bytes(32, 'little'))


def groups():
    b = world()
    b.group(A0)
    b.group(A1)
    p = b.pieces()
    yield 'batches-descend', b''.join(p[:3] + [p[4], p[3]] + p[5:])
    yield 'batch-twice', b''.join(p[:3] + [p[3], p[3]] + p[5:])
    good = b.bytes()
    yield 'batch-of-another-index', change(good, b'batch 1\n', b'batch 2\n')
    yield 'batch-index-not-below-size', change(good, b'batch 6\n', b'batch 10\n')
    h = good.index(b'\nh ') + 1
    line = good[h:h + 47]
    yield 'path-too-short', good[:h] + good[h + 47:]
    yield 'path-too-long', good[:h] + line + good[h:]
    yield 'path-out-of-order', good[:h] + good[h + 47:h + 94] + line + good[h + 94:]
    b = of(ONE)
    b.group(ONE)
    one = b.bytes()
    yield 'path-in-a-tree-of-one', change(one, b'batch 0\n', b'batch 0\nh %s\n' % b64(sha(b'')).encode())
    yield 'tag-changed', change(good, A.tag.hex().encode(), B.tag.hex().encode())
    yield 'seq-changed', change(good, A.tag.hex().encode() + b' 0\n', A.tag.hex().encode() + b' 5\n')
    b = world()
    b.group(A0, {0x46})
    good = b.bytes()
    yield 'slot-of-another-kind', change(good, b'o 46 ', b'o 47 ')
    yield 'slot-value-changed', change(good, b'8:000000000000000b', b'8:000000000000000c')
    yield 'slot-value-in-capitals', change(good, b'8:000000000000000b', b'8:000000000000000B')
    at = good.index(b'o 46 ') + 5
    yield 'salt-changed', good[:at] + bytes([good[at] ^ 1]) + good[at + 1:]
    for kind, value in ((0x40, b''), (0x40, b'x' * 4097), (0x43, be64(1)[:4]), (0x44, be64(1) + b'\0'),
                        (0x45, b''), (0x46, be64(1)[1:]), (0x47, be64(1) + b'\0'), (0x48, bytes(31)),
                        (0x49, bytes(39)), (0x4b, bytes(31))):
        batch = alone(change={kind: value})
        b = of(batch)
        b.group(batch, {kind})
        yield 'slot-%02x-of-%d-bytes' % (kind, len(value)), b.bytes()
    roll = Rollup(A, [A0, A1], first=1, last=0)
    b = of(roll)
    b.group(roll)
    yield 'rollup-ends-before-it-begins', b.bytes()
    again = Batch(A, 1, [rest(b'another')], A0)
    b = of(A0, A1, again)
    b.group(A1)
    b.group(again)
    yield 'batches-of-one-seq', b.bytes()
    roll = Rollup(A, [A0, A1])
    b = of(A1, roll)
    b.group(A1)
    b.group(roll)
    yield 'rollup-over-a-batch', b.bytes()
    b = of(A)
    b.group(A)
    yield 'source-as-manifest', change(b.bytes(), b'source 4 ' + A.tag.hex().encode(),
                                       b'manifest 13 ' + A.tag.hex().encode() + b' 0')


def records():
    yield 'record-without-slot-47', shown({0x48}).bytes()
    yield 'record-without-slot-48', shown({0x47}).bytes()
    roll = Rollup(A, [A0, A1])
    b = of(roll)
    b.group(roll, {0x47, 0x48})
    piece = shown().groups[0].pieces[0]
    yield 'record-in-a-rollup', change(b.bytes(), b'end 0\n', piece + b'end 1\n')
    b = of(A)
    b.group(A)
    yield 'record-in-a-source', change(b.bytes(), b'end 0\n', piece + b'end 1\n')
    b = of(TWO)
    b.group(TWO, {0x47, 0x48}).record(0, {0}).record(1, {0})
    p = b.pieces()
    yield 'records-descend', b''.join(p[:4] + [p[5], p[4], p[6]])
    yield 'record-twice', b''.join(p[:4] + [p[4], p[4], p[6]])
    yield 'record-of-another-index', change(b''.join(p[:4] + [p[4]]), b'record 0 ', b'record 1 ') + b'end 1\n'
    yield 'record-index-not-below-leaves', change(b''.join(p[:4] + [p[5]]), b'record 1 ', b'record 2 ') + b'end 1\n'
    other = alone([rest(b'line of another batch')])
    yield 'record-of-another-batch', b''.join(shown().pieces()[:4] + [shown(batch=other).groups[0].pieces[0]]) + b'end 1\n'
    yield 'line-changed', change(shown().bytes(), b'one line', b'two line')
    yield 'leaves-changed', change(b.bytes(), b'8:0000000000000002', b'8:0000000000000003')
    few = alone(change={0x47: be64(1)}, lines=[rest(b'line %d' % i) for i in range(10)])
    b = of(few)
    b.group(few, {0x47, 0x48}).record(1, {0})
    yield 'tree-larger-than-slot-47', b.bytes()
    parts = [([(0x12, b'a'), (0x13, b'b')], None, 0)]
    for name, flags in (('flag-says-lines', 0), ('flag-says-parts', 0x40)):
        batch = alone(parts if flags == 0 else [rest(b'a')], leaves='S' if flags == 0 else 'G',
                      change={0x4c: bytes([flags])})
        yield name, shown({0x47, 0x48, 0x4c}, batch).bytes()
    for kind in (0x11, 0x1c):
        batch = alone([rest(b'a')])
        batch.records[0].slots[0] = ((kind, b'a'), batch.records[0].slots[0][1])
        yield 'kind-%02x-among-lines' % kind, shown(batch=resealed(batch)).bytes()
    for kind in (0x10, 0x1d, 0x20):
        batch = alone([([(kind, b'a')], None, 0)], leaves='S')
        yield 'kind-%02x-among-parts' % kind, shown(batch=batch).bytes()
    for count, leaves in ((9, 'G'), (13, 'S'), (0, 'G')):
        batch = alone([([(0x12, b'a')] * 13, None, 0)] if leaves == 'S' else [rest(b'a')], leaves=leaves)
        if leaves == 'G':
            batch.records = [Entry('G', b'', [(0x10, b'a')] * count, [bytes([i]) * 16 for i in range(count)], True)]
        yield 'record-of-%d-slots' % count, shown(batch=resealed(batch), slots=(0,) if count else ()).bytes()
    batch = alone([rest(b'a')])
    batch.records[0].head = b'P'
    b = of(resealed(batch))
    b.group(batch, {0x47, 0x48})
    piece = b'record 0 P 1\n' + batch.records[0].text({0})
    yield 'record-of-an-unknown-profile', change(b.bytes(), b'end 0\n', piece + b'end 1\n')


def resealed(batch):
    """The manifest over leaves that were changed."""
    batch.leaf_hashes = [r.leaf() for r in batch.records]
    values = [(v[0], root(batch.leaf_hashes)) if v[0] == 0x48 else v for v, _ in batch.entry.slots]
    batch.entry.slots = [(v, s) for v, (_, s) in zip(values, batch.entry.slots)]
    batch.values = dict(values)
    return batch


def bare(batch, head, *rows, opened=INDEX):
    """A claim of rows chosen by hand: (index, open slots) each."""
    b = of(batch)
    g = b.group(batch, opened)
    g.pieces.append(head.encode() + b''.join(batch.index.row(i, set(o)) for i, o in rows))
    return b.bytes()


def lying(row, slot, value):
    def lie(i, k, values):
        if i == row:
            values[slot] = (0x20 + slot, value)
    return lie


def claims():
    x = alone([ssh('192.0.2.10'), ssh('192.0.2.12'), ssh('192.0.2.12')])
    keys = x.index.keys  # 0.0.0.0 | 192.0.0.0 | 192.0.2.0 | .10 | .12 | 192.0.3.0 | 192.1.0.0 | ff fence | ff
    ten, twelve, last = keys.index(key('192.0.2.10')), keys.index(key('192.0.2.12')), len(keys) - 1
    address, span = 'claim count address\n', 'claim count range\n'
    yield 'row-without-slot-49', bare(x, address, (ten - 1, (1, 3)), (ten, (0, 1, 3)), opened=())
    yield 'address-rows-not-adjacent', bare(x, address, (ten - 1, (1, 3)), (twelve, (0, 1, 3)))
    yield 'address-rows-descend', bare(x, address, (ten, (1, 3)), (ten - 1, (0, 1, 3)))
    yield 'address-key-hidden', bare(x, address, (ten - 1, (1, 3)), (ten, (1, 3)))
    yield 'address-lines-hidden', bare(x, address, (ten - 1, (3,)), (ten, (0, 1, 3)))
    yield 'address-attempts-hidden', bare(x, address, (ten - 1, (1, 3)), (ten, (0, 1)))
    yield 'address-of-a-fence', bare(x, address, (ten - 2, (1, 3)), (ten - 1, (0, 1, 3)))
    yield 'range-of-one-row', bare(x, span, (2, (0, 1, 3)), (2, (0, 1, 3)))
    yield 'range-descends', bare(x, span, (5, (0, 1, 3)), (2, (0, 1, 3)))
    yield 'range-from-an-address', bare(x, span, (ten, (0, 1, 3)), (5, (0, 1, 3)))
    yield 'range-to-an-address', bare(x, span, (2, (0, 1, 3)), (twelve, (0, 1, 3)))
    yield 'range-key-hidden', bare(x, span, (2, (1, 3)), (5, (0, 1, 3)))
    yield 'range-attempts-hidden', bare(x, span, (2, (0, 1)), (5, (0, 1, 3)))
    good = bare(x, span, (2, (0, 1, 3)), (5, (0, 1, 3)))
    yield 'row-of-another-index', change(good, b'row 5 4', b'row 4 4')
    yield 'row-of-five-slots', change(good, b'row 5 4', b'row 5 5')
    yield 'row-missing', bare(x, span, (2, (0, 1, 3)))
    for slot, value, name in ((1, be64(0), 'lines-fall'), (3, be64(0), 'attempts-fall')):
        y = alone([ssh('192.0.2.10'), ssh('192.0.2.12')], lie=lying(twelve, slot, value))
        yield name, bare(y, address, (ten, (1, 3)), (twelve, (0, 1, 3)))
    y = alone([ssh('192.0.2.10'), ssh('192.0.2.12')], lie=lying(5, 0, key('192.0.2.0', True)))
    yield 'range-keys-do-not-ascend', bare(y, span, (2, (0, 1, 3)), (5, (0, 1, 3)))
    for slot, value in ((0, key('192.0.2.10')[:17]), (1, be64(1)[1:]), (2, bytes(31)), (3, be64(1) + b'\0')):
        y = alone([ssh('192.0.2.10')], lie=lying(ten, slot, value))
        yield 'slot-2%d-of-%d-bytes' % (slot, len(value)), bare(y, address, (ten - 1, (1, 3)), (ten, (0, 1, 2, 3)))

    def absent(a):
        return 'claim absent %s\n' % key(a).hex()
    yield 'absent-but-there', bare(x, absent('192.0.2.12'), (ten, (0,)), (twelve, (0,)))
    yield 'absent-but-there-before', bare(x, absent('192.0.2.10'), (ten, (0,)), (twelve, (0,)))
    yield 'absent-elsewhere', bare(x, absent('192.0.2.13'), (ten, (0,)), (twelve, (0,)))
    yield 'absent-rows-not-adjacent', bare(x, absent('192.0.2.11'), (ten - 1, (0,)), (twelve, (0,)))
    yield 'absent-key-hidden', bare(x, absent('192.0.2.11'), (ten, (1, 3)), (twelve, (0,)))
    yield 'absent-fence', bare(x, 'claim absent %s\n' % key('192.0.2.11', True).hex(), (ten, (0,)), (twelve, (0,)))
    both = INDEX | {0x46}
    yield 'all-not-the-last-row', bare(x, 'claim all\n', (last - 1, (1, 3)), opened=both)
    yield 'all-lines-hidden', bare(x, 'claim all\n', (last, (3,)), opened=both)
    yield 'all-attempts-hidden', bare(x, 'claim all\n', (last, (1,)), opened=both)
    yield 'all-without-slot-46', bare(x, 'claim all\n', (last, (1, 3)))
    y = alone([ssh('192.0.2.10'), rest(b'a')], change={0x46: be64(3)})
    yield 'all-other-than-slot-46', bare(y, 'claim all\n', (len(y.index.keys) - 1, (1, 3)), opened=both)
    y = alone([ssh('192.0.2.10')], change={0x49: be64(8) + x.index.slot()[8:]})
    yield 'rows-of-another-number', bare(y, 'claim all\n', (7, (1, 3)), opened=both)


def sampling(batch, k, **kw):
    b = of(batch, beacon=BEACON, **kw)
    b.group(batch, LINES | INDEX).samples(k)
    return b


def samples():
    x = alone([(b'%d 192.0.2.10' % i, '192.0.2.10', 1) for i in range(3)] + [(b'192.0.2.12', '192.0.2.12', 0)] * 9)
    b = sampling(x, 2)
    g = b.groups[0]
    records = [p for p in g.pieces if p.startswith(b'record')]
    claimed = [p for p in g.pieces if p.startswith(b'claim')]
    b.total_audit(2, x.lines)
    good = b.bytes()
    g.pieces = claimed
    yield 'sample-without-its-record', b.bytes()
    leaf, slot = g.drawn(0)
    hidden = b'record %d G %d\n' % (leaf, len(x.records[leaf].slots)) + x.records[leaf].text(
        {i for i in range(len(x.records[leaf].slots)) if i != slot})
    g.pieces = [hidden + path_text(leaf, x.leaf_hashes) if p.startswith(b'record %d ' % leaf) else p
                for p in records] + claimed
    yield 'sample-of-a-hidden-line', b.bytes()
    g.pieces = records + claimed
    at = good.index(b'posting ')
    place = good[at:good.index(b'\n', at)]
    yield 'sample-of-another-place', change(good, place, b'posting %d' % (int(place[8:]) + 1))
    other = next(j for j in range(2, 99) if g.drawn(j) != g.drawn(1))
    yield 'sample-of-another-number', change(good, b'claim sample 1\n', b'claim sample %d\n' % other).replace(
        b'total audit 2\n', b'').replace(b'end %d\n' % (len(g.pieces) + 1), b'end %d\n' % len(g.pieces))
    yield 'samples-out-of-order', b''.join(swapped(b, claimed))
    yield 'audit-of-another-number', change(good, b'total audit 2', b'total audit 3')
    yield 'audit-of-nothing', shown_with(b'total audit 0\n', beacon=BEACON)
    b.beacon = None
    yield 'sample-without-beacon', b.bytes()
    early = Note(FOREIGN, [sha(b'x')], [(W1, T), (W2, T + 5)])
    late = of(x, beacon=early, policy=ANY)
    late.note = Note(LOG, late.leaves, [(W1, T + 5)])
    late.group(x, LINES | INDEX).samples(1)
    late.total_audit(1, x.lines)
    yield 'audit-with-a-beacon-of-the-same-time', late.bytes()
    c = sampling(x, 1, policy=NONE)
    c.total_audit(1, x.lines)
    yield 'audit-without-witnesses', c.bytes()
    y = Batch(B, 0, [ssh('192.0.2.10')])
    two = of(x, y, beacon=BEACON)
    two.group(x, LINES | INDEX).samples(1)
    two.group(y, LINES | INDEX).record(0, {0}).sample(1)
    two.total_audit(2, x.lines)
    yield 'audit-over-two-batches', two.bytes()
    z = alone([(b'a line of 192.0.2.99', '192.0.2.10', 1)])
    d = sampling(z, 1)
    d.total_audit(1, 1)
    yield 'sample-without-its-address', d.bytes()
    s = alone([([(0x14, b'192.0.2.10'), (0x12, b' rest')], '192.0.2.10', 1)], leaves='S')
    e = of(s, beacon=BEACON)
    e.group(s, LINES | INDEX).record(0, {0}).sample(0)
    yield 'sample-of-a-part', e.bytes()
    w = alone([ssh('192.0.2.10', number=i) for i in range(2)])
    f = of(w, beacon=BEACON)
    g = f.group(w, LINES | INDEX)
    leaf, slot = g.drawn(0)
    g.record(0, {0, 1}).sample(0, number=1 - slot)
    yield 'sample-of-a-line-not-drawn', f.bytes()
    for name, first, second in (('sums', (3,), (0, 1, 2)), ('key', (1,), (1, 2)), ('posting', (1,), (0, 1))):
        f = of(w, beacon=BEACON)
        g = f.group(w, LINES | INDEX)
        g.record(0, {0, 1}).sample(0)
        index, i = w.index, w.index.keys.index(key('192.0.2.10'))
        g.pieces[1] = b'claim sample 0\n' + index.row(i - 1, set(first)) + index.row(i, set(second)) + \
            g.pieces[1][g.pieces[1].index(b'posting '):]
        yield 'sample-%s-hidden' % name, f.bytes()


def swapped(b, claimed):
    p = b.pieces()
    i, j = p.index(claimed[0]), p.index(claimed[1])
    p[i], p[j] = p[j], p[i]
    return p


def shown_with(total, **kw):
    b = shown(**kw)
    b.total(total)
    return b.bytes()


def totals():
    x = alone([ssh('192.0.2.10'), ssh('192.0.2.12'), rest(b'a')])
    low, high = edges('192.0.2.0/24')

    def counted(*claims, total, groups=None, opened=INDEX | {0x46}):
        b = of(*(groups or [x]))
        for batch in groups or [x]:
            g = b.group(batch, opened)
            for claim in claims:
                claim(g)
        for line in [total] if isinstance(total, str) else total:
            b.total(line + '\n')
        return b.bytes()
    ten = 'total address %s' % key('192.0.2.10').hex()
    span = 'total range %s %s' % (low.hex(), high.hex())
    yield 'total-address-twice-in-a-batch', counted(lambda g: g.count('192.0.2.10').count('192.0.2.10'), total=ten)
    yield 'total-address-not-counted', counted(lambda g: g.count('192.0.2.12'), total=ten)
    yield 'total-address-only-in-a-range', counted(lambda g: g.network('192.0.2.0/24'), total=ten)
    yield 'total-range-not-counted', counted(lambda g: g.network('192.0.0.0/16'), total=span)
    yield 'total-range-twice-in-a-batch', counted(lambda g: g.network('192.0.2.0/24').network('192.0.2.0/24'), total=span)
    yield 'total-all-not-claimed', counted(lambda g: g.count('192.0.2.10'), total='total all')
    yield 'total-twice', counted(lambda g: g.all(), total=['total all', 'total all'])
    yield 'total-matching-nothing', shown_with(b'total matching 8:two line\n')
    yield 'total-matching-the-empty', shown_with(b'total matching 0:\n')
    yield 'totals-65', golden.many_ranges(65).bytes()
    yield 'matching-17', golden.many_matching(17).bytes()
    yield 'matching-4097-bytes', shown_with(b'total matching 4097:' + b'x' * 4097 + b'\n', batch=alone([rest(b'x' * 5000)]))
    yield 'total-matching-a-hidden-line', change(
        shown(slots=()).bytes(), b'end 1\n', b'total matching 8:one line\nend 2\n')

    many = [Batch(A, seq, [ssh('192.0.2.10')], lie=lying(3, 1, be64(2**64 - 1))) for seq in (0, 1)]
    yield 'total-beyond-64-bits', counted(lambda g: g.count('192.0.2.10'), total=ten, groups=many)

    def chain(*groups, total=None):
        b = of(*[g for g, _ in groups])
        for what, opened in groups:
            b.group(what, opened)
        b.total('total unbroken %s\n' % A.tag.hex() if total is None else total)
        return b.bytes()
    yield 'unbroken-with-a-gap', chain((A0, ()), (A2, {0x42}))
    yield 'unbroken-of-one-batch', chain((A0, ()))
    yield 'unbroken-of-none', chain((A, ()), total='total unbroken %s\n' % A.tag.hex())
    yield 'unbroken-without-slot-42', chain((A0, ()), (A1, ()))
    other = Batch(A, 1, [rest(b'a')], before=A3)
    yield 'unbroken-after-another', chain((A0, ()), (other, {0x42}))
    roll = Rollup(A, [A0, A1])
    yield 'unbroken-behind-a-closed-rollup', chain((roll, ()), (A2, {0x42}))
    third = Batch(A, 2, [rest(b'a')], before=A0)
    yield 'unbroken-behind-another-rollup', chain((roll, {0x42}), (third, {0x42}))


def table(rows, head=b'onus/net-table/v1 ' + TABLE.encode()):
    return [rest(head)] + [rest(b'net %s %s %d %s' % (r[0].hex().encode(), r[1].hex().encode(), r[2], r[3]))
                           if isinstance(r, tuple) else rest(r) for r in rows]


def networks():
    x = Batch(B, 0, [ssh('203.0.113.7'), ssh('203.0.113.200')], networks=golden.NETWORKS)
    first, second = '203.0.113.0/25', '203.0.113.128/25'

    def net(rows, *nets, total='total network 64500\n', head=b'onus/net-table/v1 ' + TABLE.encode(), again=False, slots=None):
        lines = table(rows, head)
        t = Batch(C, 0, lines)
        u = Batch(C, 1, lines + [rest(b'x')])
        b = of(*([x, t, u] if again else [x, t]))
        g = b.group(x, INDEX)
        for n in nets:
            g.network(n)
        b.group(t, {0x47, 0x48}).record(0, set(slots or range(len(lines))))
        if again:
            b.group(u, {0x47, 0x48}).record(0, {0})
        b.total(total)
        return b.bytes()
    yield 'network-row-not-counted', net(ROWS, first)
    yield 'network-counted-nowhere', net(ROWS)
    yield 'network-without-rows', net(ROWS, first, second, total='total network 64999\n')
    yield 'network-without-table', net(ROWS, first, second, head=b'another table')
    yield 'network-table-head-hidden', net(ROWS, first, second, slots=range(1, 5))
    yield 'network-of-another-table-version', net(ROWS, first, second, head=b'onus/net-table/v2 a b')
    yield 'network-tables-two', net(ROWS, first, second, again=True)
    yield 'network-rows-descend', net([ROWS[1], ROWS[0], ROWS[2]], first, second)
    wide = edges('203.0.113.0/24') + (64501, b'Wide')
    yield 'network-rows-overlap', net([wide, ROWS[1], ROWS[2]], first, second)
    yield 'network-row-twice-in-a-batch', net(ROWS, first, second, first)
    yield 'network-row-of-another-form', net(ROWS[:3] + [b'net 00 00 64500 Nobody'], first, second)
    yield 'members-without-table', net(ROWS, first, second, head=b'another table', total='total members 64500\n')
    y = Batch(A, 0, [ssh('203.0.113.7'), ssh('203.0.113.200')], networks=golden.NETWORKS)
    t = Batch(C, 0, table(ROWS))
    b = of(y, x, t)
    b.group(y, INDEX).network(first).network(second)
    b.group(x, INDEX).network(first)
    b.group(t, {0x47, 0x48}).record(0, set(range(5)))
    b.total('total network 64500\n')
    yield 'network-row-not-counted-in-one-batch', b.bytes()


def untold():
    good = shown()
    data = good.bytes()
    yield 'another-version', data.replace(b'bundle/v1', b'bundle/v2', 1), 'any'
    yield 'another-first-line', b'\n' + data, 'any'
    yield 'no-bundle', b'PK\3\4', 'any'
    yield 'empty-file', b'', 'any'
    b = of(ONE)
    b.note = Note(STRANGER, b.leaves, [(W1, T)])
    b.group(ONE)
    yield 'log-not-in-the-policy', b.bytes(), 'any'
    b = of(ONE, beacon=Note(STRANGER, [sha(b'x')], [(W1, T)]))
    b.group(ONE)
    yield 'beacon-of-a-log-not-in-the-policy', b.bytes(), 'any'
    for name in BAD:
        yield 'policy-' + name, data, 'bad-' + name


def bundles():
    seen = set()
    for make in (spelling, notes, curve, groups, records, claims, samples, totals, networks):
        for name, data in make():
            policy = 'any'
            if name == 'quorum-not-reached':
                policy = 'all'
            elif name == 'quorum-by-another-witness':
                policy = 'one'
            elif name in ('quorum-by-one-witness-twice', 'older-without-quorum', 'beacon-without-quorum'):
                policy = 'two'
            elif name == 'audit-without-witnesses':
                policy = 'none'
            assert name not in seen, name
            seen.add(name)
            yield name, data, policy, 1
    for name, data, policy in untold():
        yield name, data, policy, 3
