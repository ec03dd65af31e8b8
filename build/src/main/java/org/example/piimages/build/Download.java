package org.example.piimages.build;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * A file that a recipe names by its address. It is kept in the cache, with the checksums that lie beside it where it came from; what was
 * begun is gone on with.
 */
final class Download {

    private static final int OK = 200;
    private static final int PARTIAL = 206;
    private static final int NOTHING_THERE = 416;
    private static final int BUFFER = 1 << 16;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int LARGEST_LIST = 1 << 20;

    private final URI address;
    private final Path folder;
    private final Consumer<String> progress;
    private final HttpClient client = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).connectTimeout(PATIENCE).build();

    private Download(URI address, Path folder, Consumer<String> progress) {
        this.address = address;
        this.folder = folder;
        this.progress = progress;
    }

    /** Whether a recipe means an address, and not a file. */
    static boolean isAddress(String text) {
        return text.matches("(?i)[a-z]+://.*");
    }

    /** What an address is a download of: the last part of its path. */
    static String name(URI address) {
        String path = address.getPath() == null ? "" : address.getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** What a folder of the cache has of a download. */
    static String title(Path folder) throws IOException {
        Path address = folder.resolve(".address");
        return Files.exists(address) ? Files.readString(address).strip() : "";
    }

    /**
     * The file, from the cache where it is there already.
     *
     * @param text its address
     * @param isTrusted whether the recipe's user says what its SHA-256 is: only then may nobody look after the way that it comes
     */
    static Path fetch(Cache cache, String text, boolean isTrusted, Consumer<String> progress) throws BuildException {
        try {
            URI address = URI.create(text);
            String scheme = String.valueOf(address.getScheme());
            if (!scheme.equals("https") && !(scheme.equals("http") && isTrusted)) {
                throw BuildException.request(text + " is not taken: what comes over " + scheme + " may be anybody's; use https, or give its"
                        + " checksum by --sha256=HEX");
            }
            if (name(address).isEmpty() || name(address).startsWith(".")) {
                throw BuildException.request(text + " does not end with a file's name");
            }
            Path folder = cache.downloads().resolve(new Fingerprint().add(text).text());
            Files.createDirectories(folder);
            Files.writeString(folder.resolve(".address"), text + "\n");
            return new Download(address, folder, progress).file();
        } catch (IllegalArgumentException e) {
            throw BuildException.request("'" + text + "' is no address: " + e.getMessage());
        } catch (IOException e) {
            String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw BuildException.failed("cannot download " + text + ": " + reason + "; build again to go on with it");
        }
    }

    private Path file() throws IOException {
        Path file = folder.resolve(name(address));
        if (Files.exists(file)) {
            return file;
        }
        progress.accept("downloading " + address);
        beside(address.resolve(name(address) + ".sha256"), false);
        beside(address.resolve("SHA256SUMS"), true);
        Path part = folder.resolve("." + name(address) + ".part");
        transfer(part);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        return file;
    }

    private <T> HttpResponse<T> ask(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) throws IOException {
        try {
            return client.send(request.build(), handler);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Fetches what tells the checksum, where it is there; a list that names other files alone says nothing. */
    private void beside(URI place, boolean isList) throws IOException {
        HttpResponse<InputStream> response = ask(HttpRequest.newBuilder(place), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() != OK) {
                return;
            }
            byte[] text = body.readNBytes(LARGEST_LIST);
            if (!isList || new String(text, StandardCharsets.UTF_8).contains(name(address))) {
                Files.write(folder.resolve(name(place)), text);
            }
        }
    }

    /** Goes on at the end of what is there, if the file is still the same at its place. */
    private void transfer(Path part) throws IOException {
        Path version = folder.resolve(".version");
        long there = Files.exists(part) && Files.exists(version) ? Files.size(part) : 0;
        HttpRequest.Builder request = HttpRequest.newBuilder(address);
        if (there > 0) {
            request.header("Range", "bytes=" + there + "-").header("If-Range", Files.readString(version));
        }
        HttpResponse<InputStream> response = ask(request, HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (there > 0 && response.statusCode() == NOTHING_THERE) {
                // It ended with the last byte, before it got its name; whether that is all of it nobody knows.
                Files.delete(part);
                transfer(part);
                return;
            }
            boolean goesOn = response.statusCode() == PARTIAL;
            if (response.statusCode() != OK && !goesOn) {
                throw new IOException("the server answers with " + response.statusCode());
            }
            Files.deleteIfExists(version);
            String tag = response.headers().firstValue("ETag").orElse("");
            // A weak one does not say that the bytes are the same.
            if (!tag.isEmpty() && !tag.startsWith("W/")) {
                Files.writeString(version, tag);
            }
            save(body, part, goesOn ? List.of(StandardOpenOption.APPEND)
                    : List.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE));
        }
    }

    private static void save(InputStream body, Path part, List<StandardOpenOption> options) throws IOException {
        byte[] buffer = new byte[BUFFER];
        try (OutputStream file = Files.newOutputStream(part, options.toArray(StandardOpenOption[]::new))) {
            for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                file.write(buffer, 0, count);
            }
        }
    }
}
