"""What a row of the bench is, and how its pairs are run and summed up."""
import statistics
import subprocess
import sys
import time


class Row:
    """Two ways to the same end. Sides give seconds, so that each times what is to be timed and nothing else."""

    number = ''         # as in docs/performance.md
    what = ''
    against = ''
    goal = None         # the most that ours may take, as a part of theirs
    bound = None        # the same where only a row that is broken is to be found; twice the goal when None
    most_pairs = 1000   # where one takes long
    twin = False        # takes minutes and is much like another: not in a short run
    floor = False       # ours is the least that could do it: tells whether the goal can be reached here at all
    warm_up = 1         # pairs that do not count
    unit = 'ms'

    def __init__(self, scale):
        """The scale is 1, or smaller for a short run."""
        self.scale = scale

    def prepare(self):
        pass

    def ours(self):
        raise NotImplementedError

    def theirs(self):
        raise NotImplementedError

    def clean(self):
        """Runs whatever happened before; takes back what prepare began."""

    def measure(self, pairs):
        """The figures of this row, for JSON."""
        # Where few pairs do in a whole run, one does in a short one.
        short = self.scale < 1 and self.most_pairs <= 10
        ours, theirs = self.run_pairs(1 if short else min(pairs, self.most_pairs))
        ratios = [a / b for a, b in zip(ours, theirs)]
        return {'pairs': len(ratios), 'unit': self.unit, 'goal': self.goal, 'floor': self.floor,
                'ours': spread(ours), 'theirs': spread(theirs), 'ratio': spread(ratios), 'met': statistics.median(ratios) <= self.goal,
                'broken': statistics.median(ratios) > (self.bound or 2 * self.goal)}

    def run_pairs(self, pairs):
        ours, theirs = [], []
        for turn in range(-self.warm_up, pairs):
            # Who goes first changes, so that neither always finds what the other has warmed.
            sides = [(self.ours, ours), (self.theirs, theirs)]
            for side, figures in sides if turn % 2 else reversed(sides):
                seconds = side()
                if turn >= 0:
                    figures.append(seconds)
        return ours, theirs


class Amount(Row):
    """Something of ours alone that has a limit; the others' figure stands beside it."""

    def amount(self):
        """The figure, and a note."""
        raise NotImplementedError

    def measure(self, pairs):
        value, note = self.amount()
        return {'unit': self.unit, 'limit': self.goal, 'value': value, 'note': note, 'met': value <= self.goal,
                'broken': value > (self.bound or 2 * self.goal)}


def spread(figures):
    """Median and quartiles."""
    if len(figures) < 2:
        return dict.fromkeys(('median', 'low', 'high'), figures[0])
    low, median, high = statistics.quantiles(figures, n=4, method='inclusive')
    return {'median': median, 'low': low, 'high': high}


def timed(work, *arguments):
    """How many seconds it took."""
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start


def run(*command, **options):
    """Runs a command, which has to succeed; gives what it said."""
    options.setdefault('stdin', subprocess.DEVNULL)
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                          **options)
    if done.returncode:
        raise RuntimeError(f'{command}: status {done.returncode}: {done.stderr[-2000:]}{done.stdout[-2000:]}')
    return done.stdout


def wait_until(condition, seconds=30):
    """For what no event tells of."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f'{condition} has not come true in {seconds} s')
        time.sleep(0.005)


def say(text):
    """Standard output is for the figures."""
    print(text, file=sys.stderr, flush=True)


class Shell:
    """A shell that somebody types into: it is there already, its commands are started one by one."""

    def __init__(self):
        self.process = subprocess.Popen(['bash'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def type(self, *lines):
        """Runs the lines and gives what they wrote; the first that fails is the last."""
        self.process.stdin.write('{ ' + ' && '.join(lines) + '; } </dev/null; echo "status $?"\n')
        said = []
        while not (line := self.process.stdout.readline()).startswith('status '):
            if not line:
                raise RuntimeError('the shell is gone')
            said.append(line.rstrip('\n'))
        if line != 'status 0\n':
            raise RuntimeError(f'{lines}: {line}')
        return said

    def close(self):
        self.process.stdin.close()
        self.process.wait()
