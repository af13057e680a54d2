# SPDX-License-Identifier: Apache-2.0
"""Bundles that hold: every claim, total, flag and optional section of docs/formats/bundle.md."""
from policies import ANY, EVERY, FOREIGN, LOG, NESTED, NONE, ONE, TINY, TWO, W1, W2, W3
from world import (END_OF_ADDRESSES, END_OF_IPV4, END_OF_IPV6, NO_ADDRESS, Batch, Bundle, Note, Rollup, Signer, Source,
                   b64, be64, edges, fence_behind, key, sha)

T = 1767312000  # 2026-01-02T00:00:00Z
DAY = T - 86400
SEEN = [(W1, T), (W2, T + 20), (W3, T + 50)]
LINES = {0x46, 0x47, 0x48}
INDEX = {0x49}
A = Source(b'gw1:/var/log/auth.log', 'a')
B = Source('höst\\2: "web"'.encode(), 'b')
C = Source(b'table of networks', 'c')


def ssh(address, user='root', tries=1, number=1):
    return (b'Jan  1 03:12:%02d gw1 sshd[%d]: Failed password for %s from %s port 40112 ssh2' %
            (number % 60, 800 + number, user.encode(), address.encode()), address, tries)


def web(address, what):
    return ([(0x14, address.encode()), (0x12, b' - - ['), (0x11, b'01/Jan/2026:03:12:07 +0000'), (0x12, b'] "GET '),
             (0x15, what), (0x12, b' HTTP/1.1" 404 0 "-" "'), (0x16, b'probe/1.0'), (0x12, b'"')], address, 0)


def rest(text):
    return (text, None, 0)


FIRST = [ssh('203.0.113.7', number=1), ssh('203.0.113.7', number=2), ssh('192.0.2.10', 'ops', 0, 3),
         (b'Jan  1 03:12:12 gw1 sshd[816]: message repeated 5 times: [ Failed password from 203.0.113.99 ]',
          '203.0.113.99', 5), rest(b'Jan  1 03:13:00 gw1 kernel: tab\there, back\\slash, \xc3\xa9 and \x00\xff\x7f'),
         ssh('2001:db8::7', number=5), ssh('2001:db8:0:1::1', number=6), ssh('198.51.100.4', number=7),
         ssh('198.51.100.4', number=8), ssh('203.0.113.200', number=9), rest(b'')]
SECOND = [ssh('203.0.113.7', number=20), ssh('203.0.113.9', number=21), ssh('192.0.2.77', number=22)]
THIRD = [ssh('192.0.2.78', number=30)]
WEB = [web('203.0.113.7', b'/wp-login.php'), web('198.51.100.4', b'/'), web('2001:db8::7', b'/.env'),
       ([(0x12, b'not a request')], None, 0),
       ([(0x11, b'a'), (0x12, b'b'), (0x13, b'c'), (0x14, b'd'), (0x15, b'e'), (0x16, b'f'), (0x17, b'g'),
         (0x18, b'h'), (0x19, b'i'), (0x1a, b'j'), (0x1b, b'k'), (0x1c, b'l')], None, 0)]
NETWORKS = ('203.0.113.0/25', '203.0.113.128/25', '198.51.100.0/24', '2001:db8::/32')
ROWS = [edges('198.51.100.0/24') + (64501, b'Second (invented) \\ Ltd'),
        edges('203.0.113.0/25') + (64500, b'First invented AS'),
        edges('203.0.113.128/25') + (64500, b'First invented AS, again'),
        edges('2001:db8::/32') + (64501, b'Second (invented) \\ Ltd')]
TABLE = 'registry 2026-01-01'

ANCHOR = Note(FOREIGN, [sha(b'foreign %d' % i) for i in range(3)], [(W2, T - 4000), (W1, T - 4100), (W3, T - 4050)])
BEACON = Note(FOREIGN, [sha(b'foreign %d' % i) for i in range(5)], [(W1, T + 300), (W2, T + 310), (W3, T + 320)])

A0 = Batch(A, 0, FIRST, times=(DAY + 11527, T - 500), networks=NETWORKS, anchor=sha(ANCHOR.bytes))
A1 = Batch(A, 1, SECOND, A0, times=(T - 90000, T - 86500), networks=NETWORKS)
A2 = Batch(A, 2, [], A1, networks=NETWORKS)  # a heartbeat
A3 = Batch(A, 3, THIRD, A2, times=(T - 5000, T - 4000), networks=NETWORKS)
B0 = Batch(B, 0, WEB, leaves='S', times=(T + 100, T + 200), networks=NETWORKS)
C0 = Batch(C, 0, [rest(b'onus/net-table/v1 ' + TABLE.encode())] +
           [rest(b'net %s %s %d ' % (r[0].hex().encode(), r[1].hex().encode(), r[2]) + r[3]) for r in ROWS] +
           [rest(b'a line that is no row')])
R01 = Rollup(A, [A0, A1], NETWORKS)
WORLD = [x.leaf() for x in (A, A0, B, B0, C, C0, A1, A2, R01, A3)]


def world(policy=ANY, seen=None, **more):
    return Bundle(LOG, policy, WORLD, seen or SEEN, **more)


def single(size, at, policy=ANY, note=None, lines=(rest(b'one line'),), **more):
    """One batch at a place in a log of this size, nothing open yet."""
    batch = Batch(A, 0, list(lines), **more)
    leaves = [sha(b'leaf %d' % i) for i in range(size)]
    leaves[at] = batch.leaf()
    bundle = Bundle(LOG, policy, leaves, SEEN, note=note)
    return bundle, batch


def sizes():
    for size, at in ((1, 0), (2, 0), (2, 1), (3, 2), (5, 4), (7, 3), (7, 6)):
        bundle, batch = single(size, at)
        bundle.group(batch, {0x47, 0x48}).line(0)
        yield 'log-size-%d-at-%d' % (size, at), bundle
    for count in (2, 8, 9, 17):
        bundle, batch = single(1, 0, lines=[ssh('192.0.2.%d' % i, number=i) for i in range(count)])
        bundle.group(batch, LINES).line(count - 1)
        yield 'lines-%d' % count, bundle
    bundle, batch = single(1100, 1099)
    big = Batch(Source(b'long-lived', 'd'), 1234567, [rest(b'x')] * 9)
    bundle.leaves[1098] = big.leaf()
    bundle.note = Note(LOG, bundle.leaves, SEEN)
    bundle.group(big, LINES).line(8)
    bundle.group(batch)
    yield 'thousands', bundle


def records():
    b = world()
    b.group(A0, LINES | {0x40}).record(0, {0, 1, 4, 7}).record(1, {2})
    yield 'lines-of-a-batch', b
    b = world()
    b.group(B0, LINES | {0x40, 0x4c}).record(0, {0, 4}).record(2, set()).record(3, {0}).record(4, set(range(12)))
    yield 'parts-of-lines', b
    b = world()
    b.group(B0, {0x47, 0x48}).record(1, set())
    yield 'part-hidden', b
    b = world()
    b.group(A, {0x50, 0x52})
    b.group(B, {0x50})
    b.group(C)
    yield 'sources', b
    b = world()
    b.group(A0)
    yield 'nothing-open', b
    b = world()
    b.group(B0, range(0x40, 0x4d))
    b.group(A2, range(0x40, 0x4d))
    b.group(R01, range(0x40, 0x4d))
    yield 'everything-open', b
    b = world()
    b.group(A2, {0x43, 0x44})
    yield 'times-empty', b
    b = world()
    b.group(A0, {0x45})
    yield 'time-of-sealing', b


def counts():
    b = world()
    g = b.group(A0, INDEX)
    for address in ('203.0.113.7', '203.0.113.99', '2001:db8::7', None):
        g.count(address)
    g.count('203.0.113.7', more={0})
    yield 'count-address', b
    b = world()
    b.group(A0, INDEX).network('203.0.113.0/24').network('2001:db8::/48').network('203.0.113.128/25').range(
        key('0.0.0.0', True), END_OF_ADDRESSES)
    yield 'count-range', b
    lines = [rest(b'edge')] + [(b'edge', a, 1) for a in ('255.255.255.7', 'ffff:ffff:ffff:1::', '::', '::1', '1::',
                                                         '2001:db8:0:0:1:0:0:1', '2001:0:0:1:0:0:0:1',
                                                         '2001:db8::1:1:1:1:1', '::ffff:192.0.2.1', 'fe80::a')]
    b, batch = single(1, 0, lines=lines)
    g = b.group(batch, INDEX)
    for _, address, _ in lines[1:]:
        g.count(address)
    g.network('255.255.0.0/16').network('ffff:ffff::/32').range(END_OF_IPV4, END_OF_IPV6).range(
        END_OF_IPV6, END_OF_ADDRESSES)
    yield 'count-edges', b
    b = world()
    b.group(A0, INDEX).absent('203.0.113.8').absent('2001:db8::8').absent('0.0.0.1')
    b.group(A2, INDEX).absent('203.0.113.7')
    yield 'absent', b
    b = world()
    b.group(B0, INDEX | {0x46}).all()
    b.group(A2, INDEX | {0x46}).all()
    b.group(R01, INDEX | {0x46}).all()
    yield 'all', b
    b = world()
    b.group(R01, INDEX | {0x43, 0x44, 0x46}).count('203.0.113.7').network('203.0.113.0/24').absent('203.0.113.8')
    yield 'rollup', b
    b = world(policy=NONE)
    b.group(A0, LINES | INDEX).count('203.0.113.7').line(0).all()
    yield 'order-of-items', b


def audits():
    b = world(beacon=BEACON)
    b.group(A0, LINES | INDEX).samples(5)
    b.total_audit(5, A0.lines)
    yield 'audit-of-lines', b
    b = world(beacon=BEACON, policy=EVERY)
    b.group(B0, LINES | INDEX | {0x4c}).samples(4).network('203.0.113.0/24')
    b.total_audit(4, B0.lines)
    yield 'audit-of-parts', b
    b = world(beacon=BEACON)
    b.group(A1, {0x47, 0x48} | INDEX).samples(2)
    yield 'samples-without-audit', b
    b, batch = single(2, 0, lines=[rest(b'a')])
    b.beacon = BEACON
    g = b.group(batch, LINES | INDEX).record(0, {0})
    for j in range(5):
        g.sample(j)
    b.total_audit(5, 1)
    yield 'audit-of-one-line', b


def totals():
    b = world()
    b.group(A0, INDEX).count('203.0.113.7')
    b.group(B0, INDEX).count('203.0.113.7')
    b.group(A1, INDEX).count('203.0.113.7')
    b.group(A2, INDEX).absent('203.0.113.7')
    b.group(A3, INDEX)
    b.total_address('203.0.113.7')
    yield 'total-address', b
    b = world()
    b.group(A0, INDEX).count(None).absent('192.0.2.1')
    b.group(A3, INDEX).absent('192.0.2.1')
    b.total_address(None)
    b.total_address('192.0.2.1')
    yield 'total-no-address', b
    low, high = edges('203.0.113.0/24')
    b = world()
    b.group(A0, INDEX).network('203.0.113.0/24').network('198.51.100.0/24')
    b.group(A1, INDEX).network('203.0.113.0/24')
    b.group(A2, INDEX).range(key('0.0.0.0', True), END_OF_ADDRESSES)
    b.group(A3, INDEX).range(edges('192.0.2.0/24')[1], END_OF_ADDRESSES).network('192.0.2.0/24')
    b.total_range(low, high)
    yield 'total-range', b
    b = world()
    b.group(A0, INDEX | {0x46}).all()
    b.group(B0, INDEX | {0x46}).all()
    b.group(A1, INDEX | {0x46}).all()
    b.total_all()
    yield 'total-all', b
    b = world()
    b.group(A0, LINES).record(0, {0, 1, 2, 3})
    b.group(B0, LINES).record(0, {0, 4}).record(2, {4})
    b.total_matching(b'203.0.113.', 4)
    b.total_matching(b'Failed password', 4)
    b.total_matching('.php'.encode(), 1)
    b.total_matching(b': ', 4)
    yield 'total-matching', b
    b = world()
    b.group(A0, LINES).record(0, {4})
    b.total_matching(b'\x00\xff\x7f', 1)
    b.total_matching(b'k\\s', 1)
    yield 'total-matching-bytes', b
    b = world()
    b.group(A0)
    b.group(A1, {0x42})
    b.group(A2, {0x42})
    b.group(A3, {0x42})
    b.total_unbroken(A)
    yield 'unbroken', b
    b = world()
    b.group(A2, {0x42})
    b.group(R01, {0x42})
    b.group(A3, {0x42})
    b.total_unbroken(A)
    yield 'unbroken-rollup', b
    b = world()
    b.group(A)
    b.group(R01)
    b.total_unbroken(A)
    yield 'unbroken-one-rollup', b


def many_ranges(n):
    """One claim of nothing, and n totals that rest on it."""
    b, batch = single(1, 0, lines=())
    b.group(batch, INDEX).range(key('0.0.0.0', True), END_OF_ADDRESSES)
    for i in range(n):
        b.total_range(key('192.0.2.%d' % i, True), END_OF_IPV4)
    return b


def many_matching(n):
    line = bytes(range(0x41, 0x41 + 26))
    b, batch = single(1, 0, lines=[rest(line)])
    b.group(batch, {0x47, 0x48}).line(0)
    for i in range(n):
        b.total_matching(line[i:], 1)
    return b


def smalls():
    """Small ones with one witness, of which the tests change every bit."""
    for name in ('small-line', 'small-count'):
        b, batch = single(2, 1, TINY, lines=[(b'from 192.0.2.1', '192.0.2.1', 1)])
        b.note = Note(LOG, b.leaves, SEEN[:1])
        g = b.group(batch, {0x47, 0x48} if name == 'small-line' else INDEX)
        (g.line if name == 'small-line' else g.count)(0 if name == 'small-line' else '192.0.2.1')
        yield name, b


def limits():
    yield 'totals-64', many_ranges(64)
    yield 'matching-16', many_matching(16)


def shown_table(b, leaves=None):
    """The group of the table with all its rows, or some."""
    shown = range(0, 5) if leaves is None else leaves
    b.group(C0, {0x47, 0x48}).record(0, set(shown))
    return [ROWS[i - 1] for i in shown if i > 0]


def networks():
    b = world()
    b.group(A0, INDEX | {0x46}).network('203.0.113.0/25').network('203.0.113.128/25').all()
    b.group(B0, INDEX | {0x46}).network('203.0.113.128/25').network('203.0.113.0/25').all()
    rows = shown_table(b)
    b.group(A1, INDEX | {0x46}).network('203.0.113.0/25').network('203.0.113.128/25').all()
    b.group(A2, INDEX | {0x46}).range(key('0.0.0.0', True), END_OF_ADDRESSES).all()
    whole = [A0, A1, A2, B0]
    b.total_network(TABLE, 64500, rows, (sum(x.lines for x in whole), sum(x.attempts for x in whole)))
    b.total_all()
    yield 'total-network-share', b
    b = world()
    b.group(A0, INDEX | {0x46}).network('203.0.113.0/25').network('203.0.113.128/25').network(
        '198.51.100.0/24').network('2001:db8::/32')
    rows = shown_table(b)
    b.group(A1, INDEX | {0x46}).all()
    b.total_network(TABLE, 64501, rows)
    b.total_network(TABLE, 64500, rows)
    b.total_all()
    yield 'total-network', b
    b = world()
    rows = shown_table(b, (0, 2, 3))
    b.group(A2, INDEX | {0x46}).range(key('0.0.0.0', True), END_OF_ADDRESSES).all()
    b.total_all()
    b.total_network(TABLE, 64500, rows, (0, 0))
    yield 'total-network-of-nothing', b
    b = world()
    g = b.group(A0, INDEX)
    for address in ('203.0.113.7', '203.0.113.200', '192.0.2.10', '198.51.100.4', '2001:db8::7'):
        g.count(address)
    rows = shown_table(b)
    b.group(A1, INDEX).count('203.0.113.7').count('203.0.113.9').absent('203.0.113.8')
    b.total_members(TABLE, 64500, rows)
    b.total_members(TABLE, 64999, rows)
    yield 'total-members', b


def notes():
    b = world(older=ANCHOR)
    b.group(A0, {0x44, 0x4b})
    b.group(B0, {0x44})
    b.group(A1, {0x44, 0x4b})
    b.group(A3, {0x44})
    yield 'anchor', b
    for policy in (EVERY, TWO, ONE, NESTED):
        b = world(policy=policy, older=ANCHOR, beacon=BEACON)
        b.group(A0, {0x43, 0x44, 0x4b})
        yield 'quorum-' + policy.name, b
    b = world(policy=NONE, seen=[(W1, T)])
    b.group(A0, {0x43, 0x44, 0x46})
    yield 'quorum-none', b
    b = world(policy=TWO, seen=[(W1, T + 90), (W2, T + 20), (W1, T), (W2, T + 40)])
    b.group(A)
    yield 'witness-signs-twice', b
    b = world(policy=TWO, seen=[(W2, T), (W1, T)])
    b.group(A)
    yield 'witnesses-at-one-time', b
    b = world(tsa=[b'\x30\x03\x02\x01\x01'])
    b.group(A)
    yield 'one-token', b
    b = world(tsa=[b'\x30' * n for n in range(1, 9)])
    b.group(A)
    yield 'eight-tokens', b
    far = Signer('w\u00eftness.example', 'far', 4)
    more = far.line(b'not this text', 1) + '\u2014 %s %s\n' % (W1.name, b64(b'\0\0\0\0' + bytes(2428))) + \
        '\u2014 other-name %s\n' % b64(W1.id + b'\1') + '\u2014 %s %s\n' % (FOREIGN.name, b64(LOG.id + bytes(64)))
    b = world()
    b.note = Note(LOG, WORLD, SEEN[:1], more)
    b.group(A)
    yield 'signatures-of-others', b
    b = world()
    b.note = Note(LOG, WORLD, SEEN[:1], ''.join('\u2014 s%d %s\n' % (i, b64(b'12345')) for i in range(62)))
    b.group(A)
    yield 'signatures-64', b
    b = Bundle(FOREIGN, ANY, WORLD, SEEN, older=Note(LOG, [], SEEN))
    b.group(A)
    yield 'another-log', b


def bundles():
    for make in (smalls, sizes, records, counts, audits, totals, limits, networks, notes):
        yield from make()
