"""The memory that the idle daemon takes."""
import pathlib
import re
import time

import piimages
from measure import Amount, run, wait_until

CYCLES = 1000
REST = 10


def memory(pid):
    """The proportional set size of a process, in MB; see proc_pid_smaps_rollup(5)."""
    text = pathlib.Path(f'/proc/{pid}/smaps_rollup').read_text(encoding='utf-8')
    return int(re.search(r'^Pss: +(\d+) kB', text, re.MULTILINE).group(1)) * 1024 / 1e6


class Memory(Amount):
    unit = 'MB'
    goal = 45
    bound = 120

    def prepare(self):
        self.client = piimages.Client()
        run('systemctl', 'restart', 'piimagesd.service')
        self.client.objects()


class Idle(Memory):
    number = '13a'
    what = 'memory (PSS) of the daemon after its first reply'
    against = 'a limit; udisks2: 5.9 MB'

    def amount(self):
        return memory(piimages.daemon_pid()), ''


class Used(Memory):
    """The compiler's working memory is returned to the host after a few idle seconds (TrimNativeHeapInterval)."""

    number = '13b'
    what = f'the same {REST} s after {CYCLES} mounts and unmounts'
    against = 'a limit; should not grow'

    def amount(self):
        image = piimages.copy(piimages.tiny(), 'memory.img')
        cycles, taken = int(CYCLES * self.scale), []
        for number in range(1, cycles + 1):
            self.client.cycle(image)
            if number % (cycles // 4) == 0:
                taken.append(memory(piimages.daemon_pid()))
        time.sleep(REST)
        return memory(piimages.daemon_pid()), 'during these: ' + ', '.join(f'{figure:.1f}' for figure in taken)


class Gone(Memory):
    number = '13c'
    what = 'the same after the idle exit'
    against = 'nothing'
    goal = 0

    OPTIONS = pathlib.Path('/usr/share/piimages/piimagesd.options')

    def prepare(self):
        self.installed = self.OPTIONS.read_text(encoding='utf-8')
        self.OPTIONS.write_text(re.sub(r'(?m)^-Dpiimages.idle=.*', '-Dpiimages.idle=1', self.installed), encoding='utf-8')
        super().prepare()

    def amount(self):
        pid = piimages.daemon_pid()
        wait_until(lambda: piimages.daemon_pid() == 0)
        return float(pathlib.Path(f'/proc/{pid}').exists()), 'the process has exited'

    def clean(self):
        self.OPTIONS.write_text(self.installed, encoding='utf-8')
        run('systemctl', 'restart', 'piimagesd.service')


ROWS = [Idle, Used, Gone]
