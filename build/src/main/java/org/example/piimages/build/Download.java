package org.example.piimages.build;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A file that a recipe names by its address. It is kept in the cache, with the checksums that lie beside it where it came from; what was
 * begun is gone on with.
 */
final class Download {

    private static final String SUMS = "SHA256SUMS";
    private static final String IDENTITY = ".identity";
    private static final String SUM = ".sha256";
    private static final String LISTED = ".listed";
    private static final int PARTIAL = 206;
    private static final int NOTHING_THERE = 416;
    private static final int BUFFER = 1 << 16;
    private static final int LARGEST_LIST = 1 << 20;

    private final URI address;
    private final Path folder;
    private final Consumer<String> progress;
    private final Web web = new Web();

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

    private static Path folder(Cache cache, String text) {
        return cache.downloads().resolve(new Fingerprint().add(text).text());
    }

    /** Whether the cache has what this address leads to. */
    static boolean isThere(Cache cache, URI address) {
        return Files.exists(folder(cache, address.toString()).resolve(name(address)));
    }

    /**
     * The file, from the cache where it is there already.
     *
     * @param request says with what it is compared: only where its SHA-256 is known may anybody be on the way that it comes
     * @param text its address
     */
    static Path fetch(BuildRequest request, String text) throws BuildException {
        return load(request, verify(text, request.sha256() != null));
    }

    /** The same, of an address that is no danger. */
    static Path load(BuildRequest request, URI address) throws BuildException {
        String text = address.toString();
        try {
            Path folder = folder(request.cache(), text);
            Path lock = request.cache().locks().resolve(folder.getFileName());
            // Two that go on with the same file would spoil it.
            LockFile held = LockFile.take(lock, false, () -> request.progress().accept("waiting for another build that downloads " + text));
            try {
                Files.createDirectories(folder);
                Files.writeString(folder.resolve(".address"), text + "\n");
                return new Download(address, folder, request.progress()).file(request.verify() && request.sha256() == null);
            } finally {
                held.close();
            }
        } catch (IOException e) {
            throw BuildException.failed("cannot download " + text + ": " + Installation.reason(e) + "; build again to resume the download");
        }
    }

    /** Throws where nothing is downloaded from an address, or it is none. */
    static URI verify(String text, boolean isTrusted) throws BuildException {
        URI address;
        try {
            address = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw BuildException.request("'" + text + "' is not a valid URL: " + e.getMessage());
        }
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        if (scheme.equals("file")) {
            throw BuildException.request(text + " is a local file; specify its path instead: FROM " + address.getPath());
        }
        if (!scheme.equals("https") && !(scheme.equals("http") && isTrusted)) {
            throw BuildException.request("cannot download " + text + ": " + scheme + " does not authenticate the server; use https, or"
                    + " specify the checksum with --sha256=HEX");
        }
        if (name(address).isEmpty() || name(address).startsWith(".")) {
            throw BuildException.request(text + " does not end with a file name");
        }
        return address;
    }

    /**
     * What a list of operating systems says of the image in the download. It is kept with the download, which stays the same: no network
     * is needed to build of it again.
     */
    static String listedSum(Cache cache, String list, URI address) throws BuildException {
        Path kept = folder(cache, address.toString()).resolve(LISTED);
        try {
            List<String> lines = Files.exists(kept) ? Files.readAllLines(kept) : List.of();
            if (lines.size() == 2 && lines.get(0).equals(list)) {
                return lines.get(1);
            }
            String sum = new OsList(list).sha256(address.toString());
            Files.createDirectories(kept.getParent());
            Files.write(kept, List.of(list, sum));
            return sum;
        } catch (IOException e) {
            throw BuildException.failed("cannot keep the checksum of " + address + ": " + Installation.reason(e));
        }
    }

    private Path file(boolean needsChecksum) throws BuildException, IOException {
        Path file = folder.resolve(name(address));
        boolean isThere = Files.exists(file);
        if (!isThere) {
            progress.accept("downloading " + address);
        }
        if (!isThere || needsChecksum && !hasChecksum()) {
            beside(name(address) + SUM);
            beside(SUMS);
        }
        if (needsChecksum && !hasChecksum()) {
            // Said before gigabytes are fetched.
            throw noChecksum(name(address));
        }
        if (!isThere) {
            Path part = folder.resolve("." + name(address) + ".part");
            transfer(part);
            Files.deleteIfExists(folder.resolve(IDENTITY));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        }
        if (!Files.exists(folder.resolve(IDENTITY))) {
            Files.writeString(folder.resolve(IDENTITY), UUID.randomUUID().toString());
        }
        return file;
    }

    /** What tells a download from every other, also where the cache was carried elsewhere: it has other times and inode numbers there. */
    static String identity(Path file) throws IOException {
        return Files.size(file) + " " + Files.readString(file.resolveSibling(IDENTITY));
    }

    /** Why a download of this name is not taken. */
    static BuildException noChecksum(String name) {
        return BuildException.failed("there is no checksum file for " + name + " beside it; specify the checksum with --sha256=HEX, or skip"
                + " the verification with --no-verify");
    }

    private boolean hasChecksum() {
        return Files.exists(folder.resolve(name(address) + SUM)) || Files.exists(folder.resolve(SUMS));
    }

    /** The address of a file beside it, whose query it shares, as both may be the same permission. */
    private URI sibling(String name) {
        String text = address.toString();
        int end = text.indexOf('#') < 0 ? text.length() : text.indexOf('#');
        int query = text.indexOf('?') < 0 ? end : Math.min(end, text.indexOf('?'));
        String own = address.getRawPath().substring(address.getRawPath().lastIndexOf('/') + 1);
        String raw = name.equals(SUMS) ? SUMS : own + SUM;
        return URI.create(text.substring(0, query - own.length()) + raw + text.substring(query, end));
    }

    /** Fetches what tells the checksum, where it is there; a list that names other files alone says nothing. */
    private void beside(String name) throws IOException {
        Optional<byte[]> text = web.small(sibling(name), LARGEST_LIST);
        if (text.isPresent() && (!name.equals(SUMS) || new String(text.get(), StandardCharsets.UTF_8).contains(name(address)))) {
            Files.write(folder.resolve(name), text.get());
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
        HttpResponse<InputStream> response = web.ask(request);
        try (InputStream body = response.body()) {
            String range = response.headers().firstValue("Content-Range").orElse("bytes " + there + "-");
            boolean goesOn = response.statusCode() == PARTIAL;
            if (there > 0 && (response.statusCode() == NOTHING_THERE || goesOn && !range.startsWith("bytes " + there + "-"))) {
                // It ended with the last byte, before it got its name, or another part was sent; what it is nobody knows.
                Files.delete(part);
                transfer(part);
                return;
            }
            if (response.statusCode() != Web.OK && !goesOn) {
                throw new IOException("the server returned status " + response.statusCode());
            }
            note(version, response.headers().firstValue("ETag").orElse(""));
            save(body, part, goesOn ? List.of(StandardOpenOption.APPEND)
                    : List.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE));
        }
    }

    private static void note(Path version, String tag) throws IOException {
        Files.deleteIfExists(version);
        // A weak one does not say that the bytes are the same.
        if (!tag.isEmpty() && !tag.startsWith("W/")) {
            Files.writeString(version, tag);
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
