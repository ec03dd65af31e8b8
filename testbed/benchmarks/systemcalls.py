"""Makes the bare system calls through a C program that is already running."""
import pathlib
import subprocess

import piimages
from measure import run

SOURCE = pathlib.Path(__file__).with_name('system-calls.c')


class SystemCallProgram:
    def __init__(self):
        program = piimages.WORK / 'system-calls'
        run('gcc', '-O2', '-o', program, SOURCE)
        directory = piimages.WORK / 'mnt-c'
        directory.mkdir(exist_ok=True)
        self.process = subprocess.Popen([program, directory], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def cycle(self, image):
        """Mounts and unmounts the image; returns the seconds that this took."""
        self.process.stdin.write(f'{image}\n')
        return int(self.process.stdout.readline()) / 1e9

    def close(self):
        self.process.stdin.close()
        self.process.wait()
