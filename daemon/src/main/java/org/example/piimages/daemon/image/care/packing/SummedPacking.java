package org.example.piimages.daemon.image.care.packing;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.care.ToolRun;
import org.example.piimages.daemon.image.disk.ByteRange;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.process.RunningCommand;

/** Compresses an image, and computes the checksums of the image, ranges of it, and the packed file. Each byte is read only once. */
final class SummedPacking {

    private static final int PIECE = 1 << 20;
    /** The number of bytes whose checksum takes as long in Java as starting a tool. */
    private static final int TOOL_THRESHOLD = 2 << 20;

    /** The checksums of the image, each range, and the packed file. */
    record Sums(String image, List<String> ranges, String packed) {
    }

    /** The compressor, and the thread that writes its output. */
    private record Packer(RunningCommand tool, PackedOutput output, Progress progress) {

        void write(byte[] piece, int count) throws IOException {
            try {
                tool.input().write(piece, 0, count);
            } catch (IOException e) {
                throw reason(e);
            }
        }

        void end() throws IOException {
            try {
                tool.input().close();
            } catch (IOException e) {
                throw reason(e);
            }
            output.await();
            progress.onCancel(null);
            progress.advance(0);
            tool.await(ToolRun.LIMIT).requireSuccess();
        }

        /**
         * Determines why the compressor has exited: because the job was cancelled, because its output could not be written, or by itself.
         */
        private IOException reason(IOException broken) throws IOException {
            progress.advance(0);
            output.await();
            tool.await(ToolRun.LIMIT).requireSuccess();
            return broken;
        }
    }

    private final JobImage jobImage;
    private final OpenFile source;
    private final List<ByteRange> ranges;
    private final Progress progress;

    /**
     * Creates the operation.
     *
     * @param ranges the ranges of the image that have a checksum, in ascending order
     */
    SummedPacking(JobImage jobImage, List<ByteRange> ranges, Progress progress) {
        this.jobImage = jobImage;
        this.source = jobImage.file().file();
        this.ranges = ranges;
        this.progress = progress;
    }

    /** Compresses the image to a file. */
    Sums into(OpenFile packed, Compression compression) throws IOException {
        long size = jobImage.file().size();
        progress.step("pack", size);
        try (ToolChecksum image = ToolChecksum.start(source, jobImage.credentials());
                RangeChecksums each = new RangeChecksums(ranges, this::begin);
                RunningCommand tool = compression.compress(size, jobImage.credentials()).inputFromPipe(source).outputToPipe().start();
                PackedOutput output = PackedOutput.start(tool, packed, jobImage.credentials())) {
            progress.onCancel(tool::kill);
            Packer packer = new Packer(tool, output, progress);
            feed(size, packer, image, each);
            packer.end();
            return new Sums(image.digest(), each.sums(), output.sum());
        }
    }

    private ByteChecksum begin(ByteRange range) throws IOException {
        return range.length() < TOOL_THRESHOLD ? new JavaChecksum() : ToolChecksum.start(source, jobImage.credentials());
    }

    private void feed(long size, Packer packer, ByteChecksum sum, RangeChecksums each) throws IOException {
        byte[] piece = new byte[PIECE];
        long done = 0;
        try (InputStream image = source.stream()) {
            for (int bytesRead = image.read(piece); bytesRead >= 0; bytesRead = image.read(piece)) {
                packer.write(piece, bytesRead);
                sum.update(piece, 0, bytesRead);
                each.pass(piece, bytesRead);
                progress.advance(bytesRead);
                done += bytesRead;
            }
        }
        if (done != size) {
            throw new Failure(Failure.Kind.FAILED, "its size changed from " + size + " to " + done + " bytes while it was packed; end the"
                    + " program that writes to it, and try again");
        }
    }
}
