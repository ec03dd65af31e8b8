package org.example.piimages.build.download;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.example.piimages.build.cache.Sha256;
import org.example.piimages.build.failure.BuildException;

/** Downloads one file; resumes a partial download if the file on the server has not changed. */
final class Transfer {

    private static final int PARTIAL = 206;
    private static final int NOTHING_THERE = 416;
    private static final int BUFFER = 1 << 16;
    private static final long SPARE = 64 << 20;
    private static final Pattern RANGE = Pattern.compile("bytes ([0-9]{1,18})-.*");

    private final URI address;
    private final DownloadRequest request;
    private final WebClient web;
    private final Path part;
    private final Path version;

    /** Creates a transfer to the file {@code part}; the version of the file on the server is recorded beside it. */
    Transfer(URI address, DownloadRequest request, WebClient web, Path part) {
        this.address = address;
        this.request = request;
        this.web = web;
        this.part = part;
        this.version = part.resolveSibling(".version");
    }

    /**
     * Downloads the file.
     *
     * @throws IOException if the download is incomplete; it can be resumed if the server sends a strong ETag
     * @throws BuildException if the file is not the expected one; it is then removed
     */
    void run() throws BuildException, IOException {
        long partSize = Files.exists(part) && Files.exists(version) ? Files.size(part) : 0;
        HttpRequest.Builder question = HttpRequest.newBuilder(address);
        if (partSize > 0) {
            question.header("Range", "bytes=" + partSize + "-").header("If-Range", Files.readString(version));
        }
        try (Response response = web.request(question)) {
            boolean isResumed = response.status() == PARTIAL;
            if (partSize > 0 && (response.status() == NOTHING_THERE || isResumed && start(response, partSize) != partSize)) {
                // Either the download was interrupted after the last byte but before it was renamed, or the server sent another range; the
                // data cannot be trusted.
                Files.delete(part);
                run();
                return;
            }
            if (response.status() != WebClient.OK && !(isResumed && partSize > 0)) {
                throw failure(response);
            }
            save(response, isResumed ? partSize : 0);
        } catch (IOException e) {
            if (!Files.exists(version)) {
                // Without a version the download cannot be resumed.
                Files.deleteIfExists(part);
            }
            throw e;
        }
    }

    private IOException failure(Response response) throws BuildException {
        if (response.isFinal()) {
            throw BuildException.failed("cannot download " + address + ": " + response.statusException().getMessage() + "; check the URL");
        }
        return response.statusException();
    }

    private static long start(Response response, long requested) {
        Matcher range = RANGE.matcher(response.header("Content-Range"));
        return response.header("Content-Range").isEmpty() ? requested : range.matches() ? Long.parseLong(range.group(1)) : -1;
    }

    private void save(Response response, long partSize) throws BuildException, IOException {
        long total = response.length() < 0 ? request.size() : partSize + response.length();
        if (request.size() > 0 && total != request.size()) {
            throw otherSize("has " + total + " bytes");
        }
        requireRoom(total - partSize);
        note(response.header("ETag"));
        Sha256 sum = new Sha256();
        if (partSize > 0 && request.sha256() != null) {
            sum.add(part);
        }
        long received = save(response.body(), partSize, total, sum);
        if (request.size() > 0 && received < request.size()) {
            throw new IOException("the server sent " + received + " of " + request.size() + " bytes");
        }
        if (request.sha256() != null) {
            compare(sum.text());
        }
    }

    private void note(String tag) throws IOException {
        Files.deleteIfExists(version);
        // A weak ETag does not guarantee identical bytes.
        if (!tag.isEmpty() && !tag.startsWith("W/")) {
            Files.writeString(version, tag);
        }
    }

    private long save(InputStream body, long partSize, long total, Sha256 sum) throws BuildException, IOException {
        OpenOption[] options = partSize > 0 ? new OpenOption[] {StandardOpenOption.APPEND}
                : new OpenOption[] {StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE};
        byte[] buffer = new byte[BUFFER];
        long received = partSize;
        try (OutputStream file = Files.newOutputStream(part, options)) {
            for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                file.write(buffer, 0, count);
                received += count;
                if (request.sha256() != null) {
                    sum.add(buffer, count);
                }
                if (request.size() > 0 && received > request.size()) {
                    throw otherSize("is larger");
                }
                if (total <= 0) {
                    requireSpareRoom(received);
                }
                request.progress().received(received, Math.max(total, 0));
            }
        }
        return received;
    }

    /**
     * Fails if a download of unknown length is about to fill the disk; the partial file is removed, because resuming it would fill the disk
     * again.
     */
    private void requireSpareRoom(long received) throws BuildException, IOException {
        if (Files.getFileStore(part.getParent()).getUsableSpace() < SPARE) {
            Files.deleteIfExists(part);
            throw BuildException.failed("cannot download " + address + ": the server did not say how large it is, and there is no space for"
                    + " more than " + (received >> 20) + " MiB of it in " + part.getParent().getParent());
        }
    }

    private void requireRoom(long bytes) throws IOException {
        long free = Files.getFileStore(part.getParent()).getUsableSpace();
        if (bytes > free) {
            throw new IOException("it needs " + (bytes >> 20) + " MiB in " + part.getParent().getParent() + ", where " + (free >> 20)
                    + " MiB are free; to free space there: piimagesctl cache remove");
        }
    }

    private BuildException otherSize(String actual) throws IOException {
        Files.deleteIfExists(part);
        return BuildException
                .failed("the file at " + address + " " + actual + ", but the list says " + request.size() + " bytes; one of them"
                        + " has changed; try again later, or skip the verification with --no-verify");
    }

    private void compare(String sum) throws BuildException, IOException {
        if (!sum.equals(request.sha256())) {
            Files.delete(part);
            throw BuildException.failed("the SHA-256 of the download " + address + " is " + sum + ", but the list says " + request.sha256()
                    + "; the download was discarded; try again later");
        }
    }
}
