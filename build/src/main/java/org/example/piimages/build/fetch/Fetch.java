package org.example.piimages.build.fetch;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.example.piimages.build.cache.LockFile;
import org.example.piimages.build.download.Download;
import org.example.piimages.build.download.DownloadRequest;
import org.example.piimages.build.download.OsEntry;
import org.example.piimages.build.download.OsListing;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.image.Images;
import org.example.piimages.contract.DownloadName;

/** Downloads a published image, specified by its URL or by its name in a list of operating systems. */
public final class Fetch {

    private final FetchRequest request;
    private final OsListing listing;
    private final URI address;
    private final long size;
    private final FetchSums sums;
    private final Path file;

    private Fetch(FetchRequest request, OsListing listing) {
        this.request = request;
        this.listing = listing;
        this.address = null;
        this.size = 0;
        this.sums = null;
        this.file = null;
    }

    private Fetch(FetchRequest request, URI address, long size, FetchSums sums, Path file) {
        this.request = request;
        this.listing = null;
        this.address = address;
        this.size = size;
        this.sums = sums;
        this.file = file;
    }

    /**
     * Resolves a request, and verifies that it can be fulfilled before anything large is downloaded.
     *
     * @throws BuildException if the request cannot be fulfilled
     */
    public static Fetch of(FetchRequest request) throws BuildException {
        FetchSource source = FetchSource.of(request);
        List<String> words = request.words();
        if (source.list() == null) {
            if (words.size() > 1) {
                throw BuildException.request(request.source() + " is not JSON, so it is an image and not a list of operating systems: only"
                        + " the file to create can follow, not '" + words.get(1) + "'");
            }
            return download(request, null, source.address().toString(), source.size(), words);
        }
        OsListing listing = source.list().listing();
        if (words.isEmpty()) {
            requireNoOptions(request);
            return new Fetch(request, listing);
        }
        OsEntry entry = listing.choose(words.get(0));
        try {
            return download(request, entry, entry.address(), entry.downloadSize(), words.subList(1, words.size()));
        } catch (BuildException e) {
            throw new BuildException(e.status(), "'" + entry.path() + "' of the list " + request.source() + ": " + e.getMessage());
        }
    }

    private static void requireNoOptions(FetchRequest request) throws BuildException {
        if (request.sha256() != null || !request.verify() || request.keepPacked()) {
            throw BuildException.request(request.source() + " is a list of operating systems, which was to be shown; to download what it"
                    + " names, specify the name as well");
        }
    }

    private static Fetch download(FetchRequest request, OsEntry entry, String address, long size, List<String> words)
            throws BuildException {
        FetchSums sums = FetchSums.of(request, entry);
        URI verified = Download.verify(address, sums.areKnownInAdvance());
        String name = Download.name(verified);
        if (!DownloadName.isDownload(name)) {
            throw BuildException.request(address + " does not end with the name of an image or of a packed one (.img, .img.xz, .zip)");
        }
        String fileName = request.keepPacked() ? name : DownloadName.image(name);
        Path file = Path.of(words.isEmpty() ? fileName : words.get(0)).toAbsolutePath();
        requireNew(file);
        Fetch fetch = new Fetch(request, verified, size, sums, file);
        if (sums.kind() == FetchSums.Kind.FILES) {
            Download.requireChecksumFile(fetch.downloadRequest(), verified);
        }
        return fetch;
    }

    /** Fails before gigabytes are downloaded if the file cannot be created. */
    private static void requireNew(Path file) throws BuildException {
        try {
            Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            throw BuildException.request(file + " already exists; remove it, or specify another name");
        } catch (NoSuchFileException e) {
            // As required.
        } catch (IOException e) {
            // For example, the name is too long.
            throw BuildException.request("cannot create " + BuildException.reason(e) + "; specify another file");
        }
        Path directory = file.getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw BuildException.notFound("cannot create " + file + ": there is no directory " + directory);
        }
        if (!Files.isWritable(directory)) {
            throw BuildException.denied("cannot create " + file + ": the directory is not writable for you; specify another file");
        }
    }

    private DownloadRequest downloadRequest() {
        boolean isListed = sums.kind() == FetchSums.Kind.LIST;
        return new DownloadRequest(request.cache(), sums.kind() == FetchSums.Kind.FILES, isListed ? size : 0, sums.forDownload(),
                request.progress());
    }

    /** Returns the contents of the list; null if an image is to be downloaded. */
    public OsListing listing() {
        return listing;
    }

    /** Returns what will be downloaded, and how; only if {@link #listing} is null. */
    public FetchPlan plan() {
        boolean exists = Download.exists(request.cache(), address);
        String state = exists ? "in the cache" : Download.isPartial(request.cache(), address) ? "to be resumed" : "to be downloaded";
        return new FetchPlan(address.toString(), file, size, state, isUnpacked(), sums.kind() != FetchSums.Kind.NONE, sums.text());
    }

    private boolean isUnpacked() {
        return isPacked() && !request.keepPacked();
    }

    private boolean isPacked() {
        String name = Download.name(address);
        return !DownloadName.unpacked(name).equals(name);
    }

    /**
     * Downloads and verifies the image, and creates the file.
     *
     * @throws BuildException if the file was not created; the download stays in the cache
     */
    public void run(Images images) throws BuildException {
        try {
            LockFile use = request.cache().lockShared();
            try {
                create(images, Download.load(downloadRequest(), address));
            } finally {
                use.close();
            }
        } catch (IOException e) {
            throw BuildException.failed("cannot create " + file + ": " + BuildException.reason(e));
        }
    }

    private void create(Images images, Path download) throws BuildException, IOException {
        try {
            if (!isUnpacked()) {
                new FetchedFile(download, sums).verify(isPacked() ? images : null, file);
                images.command(List.of("copy", download.toString(), file.toString()));
            } else if (!images.unpack(download, file, sums.forImage(), request.verify()) && request.verify()) {
                Files.delete(file);
                throw Download.noChecksum(Download.name(address));
            }
        } catch (BuildException e) {
            throw !e.isFailure() ? e : new BuildException(e.status(), e.getMessage() + "; no file was created; to discard the download:"
                    + " piimagesctl cache remove " + Download.entry(request.cache(), address));
        }
    }
}
