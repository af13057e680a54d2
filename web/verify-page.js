// SPDX-License-Identifier: Apache-2.0
'use strict';
// The page around onusVerify: takes two files, shows the answer. What stands in a bundle is only ever
// put into the page as text.
(() => {
    const at = (id) => document.getElementById(id);
    const files = {bundle: null, policy: null};
    const waiting = at('bundle-name').textContent;
    const MEANING = {
        0: ['✓ holds', 'holds', 'Every sentence below follows from the bundle and your policy. The last ones say what does not follow.'],
        1: ['✕ does not hold', 'refuted', 'The bundle breaks a rule, so nothing in it is shown.'],
        3: ['? cannot tell', 'unknown', 'This is no verdict on the bundle: something that is needed to check it is missing.'],
    };
    let round = 0;

    function show(answer) {
        const [mark, kind, meaning] = MEANING[answer.exit];
        at('mark').textContent = mark;
        at('mark').className = 'mark ' + kind;
        at('meaning').textContent = meaning;
        at('text').textContent = answer.text;
        at('answer').hidden = false;
    }

    async function check() {
        const mine = ++round;
        at('answer').hidden = true;
        for (const what of ['bundle', 'policy']) {
            at(what + '-name').textContent = files[what] ? `${files[what].name}, ${files[what].size} bytes` : waiting;
            at('drop-' + what).classList.toggle('there', files[what] !== null);
        }
        if (!files.bundle || !files.policy) { return; }
        try {
            const [bundle, policy] = await Promise.all([files.bundle.arrayBuffer(), files.policy.arrayBuffer()]);
            if (mine === round) { show(onusVerify(new Uint8Array(bundle), new Uint8Array(policy))); }
        } catch (problem) {
            if (mine === round) { show({exit: 3, text: 'cannot tell: a file cannot be read\n'}); }
        }
    }

    for (const what of ['bundle', 'policy']) {
        at(what).addEventListener('change', () => {
            files[what] = at(what).files[0] || null;
            check();
        });
    }
    at('files').addEventListener('reset', () => {
        files.bundle = files.policy = null;
        check();
    });
    document.addEventListener('dragover', (event) => { event.preventDefault(); document.body.classList.add('over'); });
    document.addEventListener('dragleave', () => document.body.classList.remove('over'));
    document.addEventListener('drop', async (event) => {
        event.preventDefault();
        document.body.classList.remove('over');
        for (const file of Array.from(event.dataTransfer.files)) {
            const first = new Uint8Array(await file.slice(0, 12).arrayBuffer());
            files[String.fromCharCode(...first) === 'onus/bundle/' || file.name.endsWith('.onus') ? 'bundle' : 'policy'] = file;
        }
        check();
    });
})();
