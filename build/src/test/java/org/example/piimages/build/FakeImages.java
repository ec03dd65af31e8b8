package org.example.piimages.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.image.Images;

/**
 * Fake images that are text files: each operation appends a line to the file. When they are mounted, all of them have the same root
 * directory.
 */
public final class FakeImages implements Images {

    public final List<String> requests = new ArrayList<>();
    private final Path root;
    public boolean isVerified = true;
    /** Whether copying and packing fail after the new file is complete, as if Ctrl-C was pressed at that time. */
    public boolean endsWithCopies;
    /** Called once, during the next copy; null for none. */
    public Runnable duringCopy;
    /** Copies to paths that contain this text fail, and the shell fails if it is "shell"; null for no failures. */
    String failing;
    boolean nothingFails;
    /** The duration of a copy. */
    long copyMilliseconds;
    long mountMilliseconds;
    /** The expected SHA-256 of the last download that was unpacked or verified; null for none. */
    public String comparedWith;
    private boolean isMounted;

    public FakeImages(Path root) {
        this.root = root;
    }

    private static void append(Path image, String line) {
        try {
            Files.writeString(image, line + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void command(List<String> words) throws BuildException {
        requests.add(String.join(" ", words.subList(0, 1)) + " " + String.join(" ", words.subList(2, words.size())));
        if (failing != null && words.get(0).equals("copy") && words.get(2).contains(failing)) {
            throw BuildException.failed("no space for it");
        }
        if (words.get(0).equals("copy") || words.get(0).equals("pack")) {
            Runnable meanwhile = duringCopy;
            duringCopy = null;
            if (meanwhile != null) {
                meanwhile.run();
            }
            sleep(copyMilliseconds);
            copy(Path.of(words.get(1)), Path.of(words.get(2)));
            if (endsWithCopies) {
                throw BuildException.failed("interrupted");
            }
        } else {
            append(Path.of(words.get(1)), words.get(0) + " " + String.join(" ", words.subList(2, words.size())));
        }
    }

    private static void sleep(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void copy(Path from, Path to) {
        try {
            Files.copy(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean unpack(Path source, Path target, String sha256, boolean verify) throws BuildException {
        requests.add("unpack " + source.getFileName());
        comparedWith = sha256;
        copy(source, target);
        return isVerified && verify;
    }

    @Override
    public boolean verify(Path source, Path target, String sha256) throws BuildException {
        requests.add("verify " + source.getFileName());
        comparedWith = sha256;
        return isVerified;
    }

    @Override
    public Path mount(Path image, int rootPartition) throws BuildException {
        isMounted = true;
        sleep(mountMilliseconds);
        return root;
    }

    @Override
    public void unmount() throws BuildException {
        isMounted = false;
    }

    @Override
    public void unmountStale(Path image) {
        requests.add("unmount " + image.getFileName());
    }

    boolean isMounted() {
        return isMounted;
    }

    @Override
    public int execute(Execution execution) throws BuildException {
        String line = String.join(" ", execution.command());
        requests.add(line);
        if (execution.command().get(0).equals("sleep")) {
            sleep(Long.parseLong(execution.command().get(1)));
        }
        try {
            String input = execution.input() == null ? "" : " <" + Files.readString(execution.input()).strip();
            append(execution.image(), line + input);
            write(execution.output(), "said by " + line);
            write(execution.errors(), "error of " + line);
            requests.addAll(execution.environment().stream().filter(variable -> line.startsWith("env")).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return line.startsWith("false") && !nothingFails ? 7 : 0;
    }

    private static void write(Path file, String line) throws IOException {
        if (file != null) {
            Files.writeString(file, line + "\n", StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        }
    }

    @Override
    public void shell(Execution where) throws BuildException {
        requests.add("shell " + where.environment() + " " + where.directory());
        if ("shell".equals(failing)) {
            throw BuildException.failed("no machine for it");
        }
    }
}
