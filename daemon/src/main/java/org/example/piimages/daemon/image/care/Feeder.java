package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CancellationException;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.OpenFile;

/** Gives a file to a tool through a pipe, in a thread of its own. It is what a job's progress is measured by. */
final class Feeder extends Thread {

    private static final int PIECE = 256 * 1024;

    private final OpenFile source;
    private final OutputStream pipe;
    private final Progress progress;

    Feeder(OpenFile source, OutputStream pipe, Progress progress) {
        super("feeder");
        this.source = source;
        this.pipe = pipe;
        this.progress = progress;
        setDaemon(true);
    }

    @Override
    public void run() {
        try (pipe) {
            feed();
        } catch (IOException | CancellationException e) {
            // The tool has ended, or shall: the one who reads from it sees that and says why.
        }
    }

    private void feed() throws IOException {
        long size = source.length();
        for (long at = 0; at < size; at += PIECE) {
            byte[] piece = new byte[(int) Math.min(PIECE, size - at)];
            source.read(at, piece);
            pipe.write(piece);
            progress.advance(piece.length);
        }
    }
}
