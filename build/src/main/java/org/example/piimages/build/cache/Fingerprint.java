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

/** What tells one state of an image, or one step, from every other: the SHA-256 of all that goes into it. */
public final class Fingerprint {

    private final Sha256 digest = new Sha256();

    /** Adds texts, each with its length before it, so that no two lists of texts look alike. */
    public Fingerprint add(String... texts) {
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            digest.add(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array(), Integer.BYTES);
            digest.add(bytes, bytes.length);
        }
        return this;
    }

    /** The same, with as many texts as there are. */
    public Fingerprint add(List<String> texts) {
        return add(String.valueOf(texts.size())).add(texts.toArray(String[]::new));
    }

    /** Adds a file or a folder with all that is in it: names, kinds, modes, contents. Symbolic links are themselves. */
    public Fingerprint addTree(Path top) throws IOException {
        try (Stream<Path> files = Files.walk(top)) {
            for (Path file : files.sorted().toList()) {
                add(top.relativize(file).toString());
                addEntry(file);
            }
        } catch (UncheckedIOException e) {
            // A folder that cannot be read, found on the way.
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
            // A FIFO would be waited for.
            throw new IOException(file + " is not a regular file, directory or symbolic link");
        }
        add(Files.isDirectory(file) ? "folder" : "file", Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS).toString());
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            addContent(file);
        }
    }

    /** Adds what is in a file. */
    public Fingerprint addContent(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " is not a regular file");
        }
        add(String.valueOf(Files.size(file)));
        digest.add(file);
        return this;
    }

    /** Adds which version of a file it is, without reading it: its device and number there, its size and times. */
    public Fingerprint addVersion(Path file) throws IOException {
        for (String attribute : List.of("dev", "ino", "size", "lastModifiedTime", "ctime")) {
            add(Files.getAttribute(file, "unix:" + attribute).toString());
        }
        return this;
    }

    /** Its 64 hexadecimal digits; nothing can be added afterwards. */
    public String text() {
        return digest.text();
    }
}
