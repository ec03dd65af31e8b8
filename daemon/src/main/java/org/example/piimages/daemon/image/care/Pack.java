package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.Printable;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.job.Work;
import org.example.piimages.daemon.linux.Command;
import org.example.piimages.daemon.linux.OpenFile;
import org.example.piimages.daemon.linux.RunningCommand;

/** Compresses an image; the target's name says how. Holes are not read. */
public final class Pack implements Work {

    private static final int PIECE = 256 * 1024;

    private final Images images;
    private final Subject subject;
    private final String target;

    /** A packing into the path {@code target}, where nothing is yet. */
    public Pack(Images images, Subject subject, String target) {
        this.images = images;
        this.subject = subject;
        this.target = target;
    }

    @Override
    public Map<String, Object> run(Progress progress) throws IOException {
        Compression compression = Compression.ofName(target).orElseThrow(() -> new Failure(Failure.Kind.INVALID_ARGUMENT,
                Printable.path(target) + " does not end in .xz, .zst, .gz or .bz2, so it does not say how to pack"));
        try (NewFile packed = NewFile.at(target, subject.who())) {
            images.hold(subject.file(), false);
            OpenFile source = subject.file().file();
            progress.step("pack", source.length());
            Command command = compression.compress(subject.who()).inputFromPipe().output(packed.file());
            try (RunningCommand running = command.start()) {
                progress.onCancel(running::kill);
                feed(source, running, progress);
                running.await(ToolRun.LIMIT).requireSuccess();
                progress.onCancel(null);
            }
            progress.step("sync", 0);
            packed.file().sync();
            Map<String, Object> outcome = Map.of("size", packed.file().length());
            progress.ready(outcome);
            progress.commit();
            packed.complete();
            return outcome;
        } catch (Failure failure) {
            throw subject.about(failure);
        }
    }

    private static void feed(OpenFile source, RunningCommand running, Progress progress) throws IOException {
        long size = source.length();
        byte[] zeros = new byte[PIECE];
        byte[] whole = new byte[PIECE];
        try (OutputStream input = running.input()) {
            long at = 0;
            while (at < size) {
                long data = source.nextData(at);
                boolean hole = data != at;
                long end = hole ? (data < 0 ? size : data) : source.nextHole(at);
                int length = (int) Math.min(PIECE, Math.min(end, size) - at);
                byte[] piece = hole ? zeros : length == PIECE ? whole : new byte[length];
                if (!hole) {
                    source.read(at, piece);
                }
                input.write(piece, 0, length);
                at += length;
                progress.advance(length);
            }
        } catch (IOException e) {
            // It ended before it had read everything: why is what it says.
            progress.advance(0);
            running.await(ToolRun.LIMIT).requireSuccess();
            throw e;
        }
    }
}
