# SPDX-License-Identifier: Apache-2.0
"""The parties of the vectors, and what readers may ask of them."""
import base64

from world import Policy, Signer, sha

LOG = Signer('party.example/log', 'log', 1)
FOREIGN = Signer('other.example/log', 'foreign', 1)
STRANGER = Signer('stranger.example/log', 'stranger', 1)
W1, W2, W3 = (Signer('witness-%s.example' % c, c, 4) for c in 'abc')
NAMES = {W1.name: 'zeta', W2.name: 'mid', W3.name: 'alpha'}
def lines(*more, logs=(LOG, FOREIGN), witnesses=(W1, W2, W3)):
    return ''.join(['# Who counts.\n'] + ['log %s https://%s\n' % (l.vkey(), l.name) for l in logs] + ['\n'] +
                   ['witness %s %s\n' % (NAMES[w.name], w.vkey()) for w in witnesses] +
                   [m + '\n' for m in more])


def unfit(public):
    """The vkey of a witness whose 32 bytes are no key that a reader may use."""
    signer = Signer('unfit.example', 'unfit', 4)
    signer.key.public = public
    signer.id = sha(b'unfit.example\n\4' + public)[:4]
    return 'witness unfit ' + signer.vkey()


ANY = Policy('any', lines('group g any zeta mid alpha', 'quorum g'), NAMES, lambda s: len(s) >= 1)
EVERY = Policy('all', lines('group g all zeta mid alpha', 'quorum g'), NAMES, lambda s: len(s) >= 3)
TWO = Policy('two', lines('  group\tg 2  zeta mid alpha ', '\t# a comment', 'quorum g'), NAMES,
             lambda s: len(s) >= 2)
ONE = Policy('one', lines('quorum mid'), {W2.name: 'mid'}, lambda s: W2.name in s)
NESTED = Policy('nested', lines('group inner any zeta mid', 'group outer all inner alpha', 'quorum outer'), NAMES,
                lambda s: W3.name in s and (W1.name in s or W2.name in s))
NONE = Policy('none', lines('quorum none'))
TINY = Policy('tiny', lines('quorum zeta', logs=(LOG,), witnesses=(W1,)), {W1.name: 'zeta'}, lambda s: W1.name in s)

GOOD = (ANY, EVERY, TWO, ONE, NESTED, NONE, TINY)
ALL = {p.name: p.text for p in GOOD}

# Policies of which nobody can tell what they mean, or that do not know the log.
w1 = W1.vkey()
BAD = {
    'without-the-log': lines('group g any zeta mid alpha', 'quorum g', logs=(FOREIGN, STRANGER)),
    'no-quorum': lines(),
    'empty': '',
    'two-quorums': lines('quorum zeta', 'quorum mid'),
    'quorum-not-defined': lines('quorum nobody'),
    'quorum-before-definition': lines('quorum g', 'group g any zeta'),
    'member-not-defined': lines('group g any zeta nobody', 'quorum g'),
    'member-in-two-groups': lines('group g any zeta mid', 'group h any zeta alpha', 'quorum g'),
    'member-twice': lines('group g 2 zeta zeta', 'quorum g'),
    'member-none': lines('group g any none', 'quorum g'),
    'k-above-members': lines('group g 4 zeta mid alpha', 'quorum g'),
    'k-zero': lines('group g 0 zeta mid alpha', 'quorum g'),
    'k-leading-zero': lines('group g 02 zeta mid alpha', 'quorum g'),
    'group-empty': lines('group g all', 'quorum none'),
    'name-twice': lines('witness zeta ' + Signer('d.example', 'd', 4).vkey(), 'quorum zeta'),
    'group-named-as-witness': lines('group zeta any mid', 'quorum zeta'),
    'named-none': lines('group none any zeta', 'quorum none'),
    'witness-key-twice': lines('witness again ' + w1, 'quorum zeta'),
    'log-key-twice': lines('log ' + LOG.vkey(), 'quorum zeta'),
    'key-id-wrong': lines('log d.example+00000000+%s' % Signer('d.example', 'd', 1).vkey().split('+', 2)[2], 'quorum zeta'),
    'log-key-of-witness-type': lines('log ' + Signer('d.example', 'd', 4).vkey(), 'quorum zeta'),
    'witness-key-of-log-type': lines('witness d ' + Signer('d.example', 'd', 1).vkey(), 'quorum zeta'),
    'key-without-name': lines('log ' + LOG.vkey()[len(LOG.name):], 'quorum zeta'),
    'key-too-short': lines('log a.example+00000000+' + base64.b64encode(b'\1' + bytes(31)).decode(), 'quorum zeta'),
    'key-of-small-order': lines(unfit(bytes([1]) + bytes(31)), 'quorum zeta'),
    'key-not-canonical': lines(unfit((2**255 - 15).to_bytes(32, 'little')), 'quorum zeta'),
    'key-no-point': lines(unfit(bytes([2]) + bytes(31)), 'quorum zeta'),
    'unknown-word': lines('trust everybody', 'quorum zeta'),
    'word-too-much': lines('quorum zeta mid'),
    'control-character': lines('quorum zeta\r'),
}
ALL.update({'bad-' + name: text for name, text in BAD.items()})
