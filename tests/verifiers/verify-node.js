// SPDX-License-Identifier: Apache-2.0
'use strict';
// web/verify.js without a browser: node verify-node.js BUNDLE POLICY. With "-" in place of the two,
// pairs of files are read from standard input, one pair a line, and each answer is one line of JSON.
const fs = require('fs');
const path = require('path');

const source = fs.readFileSync(path.join(__dirname, '../../web/verify.js'), 'utf8');
const onusVerify = new Function(source + '\nreturn onusVerify;')();
const read = (name) => new Uint8Array(fs.readFileSync(name));

if (process.argv[2] === '-') {
    for (const pair of fs.readFileSync(0, 'utf8').split('\n').filter((line) => line !== '')) {
        const [bundle, policy] = pair.split(' ');
        process.stdout.write(JSON.stringify(onusVerify(read(bundle), read(policy))) + '\n');
    }
} else {
    const answer = onusVerify(read(process.argv[2]), read(process.argv[3]));
    process.stdout.write(answer.text);
    process.exitCode = answer.exit;
}
