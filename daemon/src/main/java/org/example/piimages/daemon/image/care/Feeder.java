package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CancellationException;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.OpenFile;

/** Gives a file to a tool through a pipe, in a thread of its own, and sums it up. It is what a job's progress is measured by. */
final class Feeder extends Thread {

    private static final int PIECE = 256 * 1024;

    private final OpenFile source;
    private final OutputStream pipe;
    private final Progress progress;
    private final Checksum checksum = new Checksum();

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
            sum(pipe);
        } catch (IOException | CancellationException e) {
            // The tool has ended, or shall: the one who reads from it sees that and says why.
        }
    }

    private void sum(OutputStream to) throws IOException {
        long size = source.length();
        for (long at = 0; at < size; at += PIECE) {
            byte[] piece = new byte[(int) Math.min(PIECE, size - at)];
            source.read(at, piece);
            checksum.update(piece);
            to.write(piece);
            progress.advance(piece.length);
        }
    }

    /** The checksum of all of the file, when the thread has ended; wrong when the tool did not read it all. */
    String checksum() {
        return checksum.text();
    }

    /** The same of a file that nobody is given. */
    static String checksum(OpenFile file, Progress progress) throws IOException {
        Feeder feeder = new Feeder(file, OutputStream.nullOutputStream(), progress);
        feeder.sum(feeder.pipe);
        return feeder.checksum();
    }
}
