extension PythonInstaller {
    /// What runs in the session: it makes an environment with pip in it (venv(3)), and has pip find out what is needed, or install it. Its words:
    /// the directory that it writes, the one that it is given, what to do, and the rest as JSON.
    static let program = #"""
        from venv import EnvBuilder; import json, os, shutil, subprocess, sys, time
        tree, given, action, told = sys.argv[1:5]
        told = json.loads(told)
        # The end of its output would be the end of the session.
        output = os.dup(1)
        os.dup2(2, 1)
        os.umask(0o022)
        until = time.monotonic() + 30
        while os.stat(tree).st_uid != os.getuid():
            if time.monotonic() > until:
                sys.exit("the directory was not handed over")
            time.sleep(0.01)
        scratch = os.path.join(tree, ".scratch")
        os.mkdir(scratch)
        for name in list(os.environ):
            if name.startswith(("PIP_", "PYTHON", "UV_")):
                del os.environ[name]
        os.environ.update(HOME=scratch, TMPDIR=scratch, PIP_CONFIG_FILE=os.devnull, PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1",
                          PIP_NO_CACHE_DIR="1", PIP_ONLY_BINARY="" if told["scripts"] else ":all:")
        if "wheels" in told:
            os.environ.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=told["wheels"])
        else:
            os.environ.update(PIP_INDEX_URL=os.environ["SANDBOXD_INDEX"])
            if told["certificates"]:
                os.environ.update(PIP_CERT=told["certificates"])
        # Names are looked up by whoever started this; pip learns what was found.
        begin = """
        from runpy import run_module; import json, os, socket
        found = json.loads(os.environ['SANDBOXD_ADDRESSES'])
        look = socket.getaddrinfo
        socket.getaddrinfo = lambda host, *more, **named: look(found.get(host, host), *more, **named)
        run_module('pip', run_name='__main__', alter_sys=True)
        """
        os.environ["SANDBOXD_ADDRESSES"] = json.dumps(told.get("addresses", {}))
        place = scratch + "/tools" if action == "resolve" else tree
        try:
            EnvBuilder(symlinks=True, with_pip=True).create(place)
        except subprocess.CalledProcessError as error:
            sys.exit("this Python makes no environment with pip in it (Debian: apt install python3-venv): "
                     + (error.output or b"").decode(errors="replace")[-2000:])
        python = place + "/bin/python"
        def pip(*words):
            done = subprocess.run([python, "-I", "-c", begin, *words])
            if done.returncode:
                sys.exit(f"pip ended with status {done.returncode}")
        if action == "resolve":
            report = scratch + "/report.json"
            pip("install", "--quiet", "--dry-run", "--ignore-installed", "--report", report, "--", *told["requirements"])
            parts = []
            for part in json.load(open(report))["install"]:
                archive = part["download_info"].get("archive_info") or {}
                digest = (archive.get("hashes") or {}).get("sha256") or (archive.get("hash") or "").removeprefix("sha256=")
                parts.append({"name": part["metadata"]["name"], "version": part["metadata"]["version"], "sha256": digest})
            with open(tree + "/resolved.json", "w") as file:
                json.dump({"parts": parts}, file)
        else:
            pip("install", "--quiet", "--no-deps", "--require-hashes", "-r", given + "/lock.txt")
            kept = {line.split("==")[0] for line in open(given + "/lock.txt")}
            pip("uninstall", "--quiet", "--yes", *({"pip", "setuptools"} - kept))
            # Where a path is long pip lets a shell find Python; the kernel itself reads twice as much as pip reckons with.
            for name in os.listdir(tree + "/bin"):
                path = os.path.join(tree, "bin", name)
                if os.path.islink(path) or not os.path.isfile(path):
                    continue
                with open(path, "rb") as file:
                    begin, mark, rest = file.read().partition(b"\n' '''\n")
                if mark and begin.startswith(b"#!/bin/sh\n'''exec' "):
                    with open(path, "wb") as file:
                        file.write(b"#!" + python.encode() + b"\n" + rest)
        shutil.rmtree(scratch)
        """#
}
