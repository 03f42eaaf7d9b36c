extension NodeInstaller {
    /// What runs in the session: npm, to find out what is needed, or to install it. Its words: the directory that it writes, the one that it is
    /// given, what to do, and the rest as JSON.
    static let program = #"""
        const fs = require('fs'), { spawnSync } = require('child_process');
        const [tree, given, action, text] = process.argv.slice(1);
        const told = JSON.parse(text);
        process.umask(0o022);
        const until = Date.now() + 30000;
        while (fs.statSync(tree).uid !== process.getuid()) {
            if (Date.now() > until) { console.error('the directory was not handed over'); process.exit(1); }
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
        }
        const scratch = tree + '/.scratch';
        fs.mkdirSync(scratch);
        for (const name of ['user', 'global']) fs.writeFileSync(`${scratch}/${name}rc`, '');
        // Names are looked up by whoever started this; npm learns what was found.
        fs.writeFileSync(scratch + '/found.js', `
            const dns = require('dns'), look = dns.lookup, found = JSON.parse(process.env.SANDBOXD_ADDRESSES);
            dns.lookup = (host, ...rest) => look(Object.hasOwn(found, host) ? found[host] : host, ...rest);`);
        const environment = {
            PATH: process.env.PATH, HOME: scratch, TMPDIR: scratch, SANDBOXD_ADDRESSES: JSON.stringify(told.addresses),
            NODE_OPTIONS: '--require ' + JSON.stringify(scratch + '/found.js'),
            npm_config_registry: process.env.SANDBOXD_INDEX, npm_config_cache: scratch + '/cache', npm_config_userconfig: scratch + '/userrc',
            npm_config_globalconfig: scratch + '/globalrc', npm_config_ignore_scripts: 'true', npm_config_audit: 'false', npm_config_fund: 'false',
            npm_config_update_notifier: 'false', npm_config_fetch_retries: '1', npm_config_loglevel: 'error', npm_config_logs_max: '0',
        };
        for (const name of Object.keys(process.env)) if (/_proxy$/i.test(name)) environment[name] = process.env[name];
        if (told.certificates) Object.assign(environment, { NODE_EXTRA_CA_CERTS: told.certificates, npm_config_cafile: told.certificates });
        const npm = (...words) => {
            const done = spawnSync(process.execPath, [told.npm, ...words], { cwd: tree, env: environment, stdio: ['ignore', 2, 2] });
            if (done.error || done.status !== 0) { console.error(`npm ended with ${done.error ?? 'status ' + done.status}`); process.exit(1); }
        };
        if (action === 'resolve') {
            fs.writeFileSync(tree + '/package.json', '{"name": "prepared", "version": "0.0.0", "private": true}\n');
            npm('install', '--package-lock-only', '--save-exact', '--', ...told.requirements);
        } else {
            for (const name of ['package.json', 'package-lock.json']) fs.copyFileSync(`${given}/${name}`, `${tree}/${name}`);
            npm('ci');
        }
        fs.rmSync(scratch, { recursive: true });
        """#
}
