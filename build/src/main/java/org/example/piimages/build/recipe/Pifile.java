package org.example.piimages.build.recipe;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.failure.Location;

/**
 * A recipe. bash executes it with the rights of the calling process. For each Pifile command, bash sends a request through a FIFO and reads
 * the reply from its standard input; prelude.sh is the other side.
 */
public final class Pifile {

    private static final String PRELUDE = "prelude.sh";
    private static final String FAILED = "FAILED";
    private static final String END = "END";
    private static final byte[] END_REQUEST = String.join("\0", "7", "", "0", "/", "", "", "", END, "").getBytes(StandardCharsets.UTF_8);
    private static final int SIZE_OF_FIFO = 1 << 16;

    /** Executes the commands of a recipe. */
    public interface Commands {
        /**
         * Executes a command and returns its exit status for bash.
         *
         * @throws BuildException if the build cannot continue
         */
        int perform(Request request) throws BuildException;
    }

    private final Path file;
    private final Path scratch;

    /** Creates a recipe; {@code scratch} is a private directory for the FIFO and the prelude. */
    public Pifile(Path file, Path scratch) throws IOException {
        this.file = file;
        this.scratch = scratch;
        try (InputStream prelude = Pifile.class.getResourceAsStream(PRELUDE)) {
            Files.write(scratch.resolve(PRELUDE), prelude.readAllBytes());
        }
    }

    /** Verifies that the lines do not end in CR LF, with which bash would report misleading errors. */
    public static void verify(Path file) throws BuildException {
        try (InputStream content = Files.newInputStream(file)) {
            String text = new String(content.readNBytes(SIZE_OF_FIFO), StandardCharsets.UTF_8);
            if (text.startsWith("\ufeff")) {
                throw BuildException.request(file + ": the file begins with a byte order mark, which bash would treat as part of the first"
                        + " command; to remove it: sed -i '1s/^\\xef\\xbb\\xbf//' " + file);
            }
            int end = text.indexOf('\n');
            if (end > 0 && text.charAt(end - 1) == '\r') {
                throw BuildException.request(file + ": the lines end in CR LF, as on Windows, and bash would treat the CR as part of each"
                        + " command; to remove it: sed -i 's/\\r$//' " + file);
            }
        } catch (IOException e) {
            throw BuildException.failed("cannot read " + BuildException.reason(e));
        }
    }

    /**
     * Executes the recipe once from beginning to end.
     *
     * @throws BuildException if a command or bash fails
     */
    public void read(Commands commands) throws BuildException, IOException {
        Path requests = scratch.resolve("requests");
        // A new one each time: what still runs in the background of the last pass must not send requests to this one.
        Files.deleteIfExists(requests);
        makeFifo(requests);
        // Opened for reading and writing, so that opening does not wait for a writer, and reading does not end when the writer exits.
        try (RandomAccessFile fifo = new RandomAccessFile(requests.toFile(), "rw")) {
            Process bash = bash();
            // For a signal to this process alone; a signal from the terminal is also sent to bash and its child processes.
            Thread hook = new Thread(() -> endAll(bash), "end-bash");
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                converse(bash, fifo, commands);
            } finally {
                bash.destroy();
                removeHook(hook);
            }
        }
    }

    private static void endAll(Process bash) {
        bash.descendants().forEach(ProcessHandle::destroy);
        bash.destroy();
    }

    /** Removes a shutdown hook that is no longer required. */
    public static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The hook is already running.
        }
    }

    private static void makeFifo(Path name) throws IOException {
        try {
            new ProcessBuilder("mkfifo", "--mode=600", name.toString()).inheritIO().start().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private Process bash() throws IOException {
        ProcessBuilder bash = new ProcessBuilder("bash", "--", file.toString()).redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        // In POSIX mode, bash does not read BASH_ENV; of other options, noexec would have it do nothing.
        bash.environment().keySet().removeAll(List.of("POSIXLY_CORRECT", "SHELLOPTS", "BASHOPTS"));
        bash.environment().put("BASH_ENV", scratch.resolve(PRELUDE).toString());
        return bash.start();
    }

    private void converse(Process bash, RandomAccessFile fifo, Commands commands) throws BuildException, IOException {
        // Requests that bash has sent precede this one in the FIFO.
        bash.onExit().thenRun(() -> end(fifo));
        Reader reader = new Reader(fifo);
        Failed last = null;
        try (OutputStream replies = bash.getOutputStream()) {
            while (true) {
                Request request = reader.next();
                if (request.command().equals(END)) {
                    break;
                }
                if (request.command().equals(FAILED)) {
                    if (!request.location().file().equals(scratch.resolve(PRELUDE).toString())) {
                        last = Failed.of(request);
                    }
                    continue;
                }
                int status = commands.perform(request);
                if (status != 0) {
                    last = new Failed(request.location(), status);
                }
                reply(replies, status);
            }
        }
        check(bash.exitValue(), last);
    }

    private static void end(RandomAccessFile fifo) {
        try {
            fifo.write(END_REQUEST);
        } catch (IOException e) {
            // The reader has closed the FIFO.
        }
    }

    /** Sends a status to bash. Errors are ignored: if bash has exited, its exit status is handled. */
    private static void reply(OutputStream replies, int status) {
        try {
            replies.write((status + "\n").getBytes(StandardCharsets.UTF_8));
            replies.flush();
        } catch (IOException e) {
            // The next request is the one for the end of bash.
        }
    }

    private void check(int status, Failed last) throws BuildException {
        if (status == 0) {
            return;
        }
        if (last != null && last.status() == status) {
            throw BuildException.failed(last.location() + ": exited with status " + status + "; no image was created");
        }
        throw BuildException.failed(file + ": bash exited with status " + status + "; no image was created");
    }

    /** The last command that exited with a nonzero status. */
    private record Failed(Location location, int status) {
        static Failed of(Request notice) {
            Location place = notice.location();
            return new Failed(new Location(place.file(), place.line(), notice.arguments().get(1)),
                    Integer.parseInt(notice.arguments().get(0)));
        }
    }

    /** Parses the requests in the FIFO. */
    private static final class Reader {
        private final RandomAccessFile fifo;
        private final byte[] bytes = new byte[SIZE_OF_FIFO];
        private int start;
        private int end;
        private boolean isText;

        Reader(RandomAccessFile fifo) {
            this.fifo = fifo;
        }

        /**
         * Returns the next request.
         *
         * @throws BuildException if an argument is not valid UTF-8: decoding would change the command
         */
        Request next() throws BuildException, IOException {
            isText = true;
            int count = Integer.parseInt(field());
            List<String> fields = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                fields.add(field());
            }
            Request request = Request.of(fields);
            if (!isText && !request.command().equals(FAILED)) {
                throw BuildException
                        .request(request.location() + ": an argument is not valid UTF-8; pass such bytes in a file, or on the"
                                + " standard input of the command");
            }
            return request;
        }

        private String field() throws IOException {
            ByteArrayOutputStream field = new ByteArrayOutputStream();
            while (true) {
                if (start == end) {
                    start = 0;
                    end = Math.max(0, fifo.read(bytes));
                }
                while (start < end) {
                    byte one = bytes[start++];
                    if (one == 0) {
                        String text = field.toString(StandardCharsets.UTF_8);
                        isText &= Arrays.equals(text.getBytes(StandardCharsets.UTF_8), field.toByteArray());
                        return text;
                    }
                    field.write(one);
                }
            }
        }
    }

    /** Creates a temporary directory that only the current user can access. */
    public static Path makeScratch() throws IOException {
        return Files.createTempDirectory("piimages-build",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
}
