package org.example.piimages.build.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The identity of a state of an image or of a step: the SHA-256 of everything that it depends on. */
public final class Fingerprint {

    private final Sha256 digest = new Sha256();

    /** Adds texts, each preceded by its length, so that different lists of texts have different fingerprints. */
    public Fingerprint add(String... texts) {
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            digest.add(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array(), Integer.BYTES);
            digest.add(bytes, bytes.length);
        }
        return this;
    }

    /** Adds a list of texts, preceded by their number. */
    public Fingerprint add(List<String> texts) {
        return add(String.valueOf(texts.size())).add(texts.toArray(String[]::new));
    }

    /** Adds a file or directory tree: names, types, modes, contents. Symbolic links are not followed. */
    public Fingerprint addTree(Path top) throws IOException {
        try (Stream<Path> files = Files.walk(top)) {
            for (Path file : files.sorted().toList()) {
                add(top.relativize(file).toString());
                addEntry(file);
            }
        } catch (UncheckedIOException e) {
            // A directory of the tree cannot be read.
            throw e.getCause();
        }
        return this;
    }

    private void addEntry(Path file) throws IOException {
        if (Files.isSymbolicLink(file)) {
            add("link", Files.readSymbolicLink(file).toString());
            return;
        }
        if (!Files.isDirectory(file) && !Files.isRegularFile(file)) {
            // Reading a FIFO would block.
            throw new IOException(file + " is not a regular file, directory or symbolic link");
        }
        add(Files.isDirectory(file) ? "directory" : "file", Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS).toString());
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            addContent(file);
        }
    }

    /** Adds the content of a file. */
    public Fingerprint addContent(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " is not a regular file");
        }
        add(String.valueOf(Files.size(file)));
        digest.add(file);
        return this;
    }

    /** Adds the version of a file without reading its content: device and inode numbers, size and timestamps. */
    public Fingerprint addVersion(Path file) throws IOException {
        for (String attribute : List.of("dev", "ino", "size", "lastModifiedTime", "ctime")) {
            add(Files.getAttribute(file, "unix:" + attribute).toString());
        }
        return this;
    }

    /** Returns the 64 hexadecimal digits; nothing can be added afterwards. */
    public String text() {
        return digest.text();
    }
}
