package org.example.piimages.build.download;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.example.piimages.build.cache.Cache;
import org.example.piimages.build.cache.FileTree;
import org.example.piimages.build.cache.Fingerprint;
import org.example.piimages.build.cache.LockFile;
import org.example.piimages.build.cache.Sha256;
import org.example.piimages.build.failure.BuildException;

/**
 * A file that a recipe or a user names by its URL. It is kept in the cache with the checksum files that the server has beside it; an
 * interrupted download is resumed.
 */
public final class Download {

    private static final String NAME_FRAGMENT = "#filename=";
    private static final String SUMS = "SHA256SUMS";
    private static final String IDENTITY = ".identity";
    private static final String SUM = ".sha256";
    private static final String LISTED = ".listed";
    private static final int MAX_CHECKSUM_FILE_SIZE = 1 << 20;

    private final URI address;
    private final Path directory;
    private final DownloadRequest request;
    private final WebClient web = new WebClient();

    private Download(URI address, Path directory, DownloadRequest request) {
        this.address = address;
        this.directory = directory;
        this.request = request;
    }

    /** Returns whether the text is a URL, and not the name of a file. */
    public static boolean isAddress(String text) {
        return text.matches("(?i)[a-z]+://.*");
    }

    /**
     * Returns a URL without a file name together with the name that the server specifies for its content. The name is in the fragment,
     * which is not sent to the server.
     */
    static URI withName(URI address, String name) {
        return URI.create(
                withoutFragment(address.toString()) + NAME_FRAGMENT + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20"));
    }

    /**
     * Returns whether a URL has a valid name from {@link #withName}. A user or a list may specify such a URL as well, so that the name is
     * as untrusted as one from a server.
     */
    private static boolean hasNameInFragment(URI address) {
        return address.getRawFragment() != null && ("#" + address.getRawFragment()).startsWith(NAME_FRAGMENT)
                && ContentDisposition.isFileName(nameInFragment(address));
    }

    private static String nameInFragment(URI address) {
        return address.getFragment().substring(NAME_FRAGMENT.length() - 1);
    }

    /** Returns the URL without its fragment, as it is requested from the server. */
    static String withoutFragment(String address) {
        return address.replaceFirst("(?s)#.*", "");
    }

    /** Returns the file name of a URL: the name from {@link #withName}, or the last component of its path; empty if there is none. */
    public static String name(URI address) {
        if (hasNameInFragment(address)) {
            return nameInFragment(address);
        }
        String path = address.getPath() == null ? "" : address.getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static boolean hasFileName(URI address) {
        return ContentDisposition.isFileName(name(address));
    }

    private static Path directory(Cache cache, String text) {
        return cache.downloads().resolve(new Fingerprint().add(text).text());
    }

    /** Returns whether the cache has the complete download of this URL; false if the URL has no valid file name. */
    public static boolean exists(Cache cache, URI address) {
        return hasFileName(address) && Files.exists(directory(cache, address.toString()).resolve(name(address)));
    }

    /** Returns whether the cache has an incomplete download of this URL. */
    public static boolean isPartial(Cache cache, URI address) {
        return hasFileName(address) && Files.exists(part(directory(cache, address.toString()), address));
    }

    private static Path part(Path directory, URI address) {
        return directory.resolve("." + name(address) + Cache.PART);
    }

    /** Returns the name by which a download can be removed from the cache. */
    public static String entry(Cache cache, URI address) {
        return Cache.name(directory(cache, address.toString()));
    }

    /** Returns the downloaded file; downloads it unless the cache has it. The URL must have passed {@link #verify}. */
    public static Path load(DownloadRequest request, URI address) throws BuildException {
        String text = address.toString();
        try {
            Path directory = directory(request.cache(), text);
            Path lock = request.cache().locks().resolve(directory.getFileName());
            // Two processes that resume the same download would corrupt it.
            LockFile held = LockFile.acquire(lock, false, () -> request.progress().message("waiting for another download of " + text));
            try {
                Files.createDirectories(directory);
                Files.writeString(directory.resolve(Cache.ADDRESS), text + "\n");
                Files.setLastModifiedTime(directory, FileTime.from(Instant.now()));
                return new Download(address, directory, request).file();
            } finally {
                removeIfEmpty(directory, address);
                held.close();
            }
        } catch (IOException e) {
            throw BuildException.failed("cannot download " + text + ": " + BuildException.reason(e) + "; repeat the command to resume the"
                    + " download");
        }
    }

    /** Removes the directory of a download of which nothing was received, unless it has a checksum from a list. */
    private static void removeIfEmpty(Path directory, URI address) throws IOException {
        if (Files.notExists(directory.resolve(name(address))) && Files.notExists(part(directory, address))
                && Files.notExists(directory.resolve(LISTED))) {
            FileTree.delete(directory);
        }
    }

    /** Verifies that a file can be downloaded from a URL, and that the URL ends with a file name. */
    public static URI verify(String text, boolean isTrusted) throws BuildException {
        URI address = verifyServer(text, isTrusted);
        if (!hasFileName(address)) {
            throw BuildException.request(text + " does not end with a file name" + (name(address).isEmpty() ? ""
                    : " of at most " + ContentDisposition.MAX_NAME_LENGTH
                            + " bytes that has only printable characters in UTF-8, no backslash and no leading dot"));
        }
        return address;
    }

    /**
     * Parses a URL, and verifies that downloads from its server are permitted.
     *
     * @param isTrusted whether the checksum of the file is known in advance: only then is http permitted, which does not authenticate the
     * server
     */
    public static URI verifyServer(String text, boolean isTrusted) throws BuildException {
        URI address;
        try {
            address = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw BuildException.request("'" + text + "' is not a valid URL: " + e.getMessage());
        }
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        if (scheme.equals("file")) {
            throw BuildException.request(text + " is a local file; specify its path instead: " + address.getPath());
        }
        if (!scheme.equals("https") && !(scheme.equals("http") && isTrusted)) {
            throw BuildException.request("cannot download " + text + ": " + scheme + " does not authenticate the server; use https, or"
                    + " specify the checksum with --sha256=HEX");
        }
        if (address.getHost() == null) {
            throw BuildException.request("'" + text + "' is not a valid URL: it names no host");
        }
        return address;
    }

    /**
     * Returns the SHA-256 of the image in the download according to a list of operating systems. It is stored with the download, so that
     * another build from the same download requires no network access.
     */
    public static String listedSum(Cache cache, String list, URI address) throws BuildException {
        Path kept = directory(cache, address.toString()).resolve(LISTED);
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
            throw BuildException.failed("cannot keep the checksum of " + address + ": " + BuildException.reason(e));
        }
    }

    private Path file() throws BuildException, IOException {
        Path file = directory.resolve(name(address));
        if (request.sha256() != null && Files.exists(file) && !Sha256.of(file).equals(request.sha256())) {
            request.progress().message("the cache has another version of " + address);
            Files.delete(file);
        }
        boolean exists = Files.exists(file);
        if (!exists) {
            request.progress().message("downloading " + address);
        }
        if (!exists || request.needsChecksumFile() && !hasChecksum()) {
            downloadChecksumFile(name(address) + SUM);
            downloadChecksumFile(SUMS);
        }
        if (request.needsChecksumFile() && !hasChecksum()) {
            // Fail before gigabytes are downloaded.
            throw noChecksum(name(address));
        }
        if (!exists) {
            Path part = part(directory, address);
            new Transfer(address, request, web, part).run();
            Files.deleteIfExists(directory.resolve(IDENTITY));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        }
        if (!Files.exists(directory.resolve(IDENTITY))) {
            Files.writeString(directory.resolve(IDENTITY), UUID.randomUUID().toString());
        }
        return file;
    }

    /**
     * Returns a text that identifies this download. Unlike timestamps and inode numbers, it stays the same if the cache is copied to
     * another place.
     */
    public static String identity(Path file) throws IOException {
        return Files.size(file) + " " + Files.readString(file.resolveSibling(IDENTITY));
    }

    /** Returns the exception for a download of this name that has no checksum file. */
    public static BuildException noChecksum(String name) {
        return BuildException.failed("there is no checksum file for " + name + " beside it; specify the checksum with --sha256=HEX, or skip"
                + " the verification with --no-verify");
    }

    private boolean hasChecksum() {
        return Files.exists(directory.resolve(name(address) + SUM)) || Files.exists(directory.resolve(SUMS));
    }

    /** Returns the URL of a file in the same directory. The query is preserved, because it may contain the access token for both. */
    private URI sibling(String name) {
        String text = address.toString();
        int end = text.indexOf('#') < 0 ? text.length() : text.indexOf('#');
        int query = text.indexOf('?') < 0 ? end : Math.min(end, text.indexOf('?'));
        String fileName = address.getRawPath().substring(address.getRawPath().lastIndexOf('/') + 1);
        String raw = name.equals(SUMS) ? SUMS : fileName + SUM;
        return URI.create(text.substring(0, query - fileName.length()) + raw + text.substring(query, end));
    }

    /** Downloads a checksum file if the server has it. */
    private void downloadChecksumFile(String name) throws IOException {
        Optional<byte[]> text = published(name);
        if (text.isPresent()) {
            Files.write(directory.resolve(name), text.get());
        }
    }

    /** Returns the content of a checksum file; empty if there is none, or if a SHA256SUMS file does not name this file. */
    private Optional<byte[]> published(String name) throws IOException {
        if (hasNameInFragment(address)) {
            // Such a URL has no directory with sibling files: a server that sends a file for it may send one for any URL.
            return Optional.empty();
        }
        return web.smallFile(sibling(name), MAX_CHECKSUM_FILE_SIZE)
                .filter(text -> !name.equals(SUMS) || new String(text, StandardCharsets.UTF_8).contains(name(address)));
    }

    /** Fails like {@link #load} if there is no checksum file beside the download; stores nothing in the cache. */
    public static void requireChecksumFile(DownloadRequest request, URI address) throws BuildException {
        Download download = new Download(address, directory(request.cache(), address.toString()), request);
        try {
            if (!download.hasChecksum() && download.published(name(address) + SUM).isEmpty() && download.published(SUMS).isEmpty()) {
                throw noChecksum(name(address));
            }
        } catch (IOException e) {
            throw BuildException.failed("cannot read the checksums of " + address + ": " + BuildException.reason(e) + "; try again later");
        }
    }
}
