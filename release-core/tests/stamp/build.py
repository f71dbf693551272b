"""Answers how a build back end calls the package in a folder: a line of JSON in, a line of JSON out."""
import glob, importlib, json, os, sys, tempfile, traceback

for line in sys.stdin:
    question = json.loads(line)
    reading, writing = os.pipe()
    # Back ends import what they build, and would not import it again.
    if os.fork() == 0:
        os.close(reading)
        os.dup2(2, 1)
        os.environ.update(question["environment"])
        os.chdir(question["folder"])
        answer = {}
        try:
            module, _, name = question["backend"].partition(":")
            backend = importlib.import_module(module)
            backend = getattr(backend, name) if name else backend
            folder = tempfile.mkdtemp()
            if module == "maturin":  # A wheel would need a compiler.
                backend.prepare_metadata_for_build_wheel(folder)
                metadata = open(glob.glob(folder + "/*.dist-info/METADATA")[0]).read()
                answer["version"] = metadata.partition("\nVersion: ")[2].partition("\n")[0]
            else:
                answer["version"] = backend.build_wheel(folder).split("-")[1]
        except BaseException:
            answer["error"] = traceback.format_exc()
        os.write(writing, json.dumps(answer).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        print(pipe.read(), flush=True)
    os.wait()
