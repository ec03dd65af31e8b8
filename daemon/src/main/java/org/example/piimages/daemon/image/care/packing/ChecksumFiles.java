package org.example.piimages.daemon.image.care.packing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.checksum.ChecksumFile;
import org.example.piimages.daemon.image.checksum.PublishedFile;
import org.example.piimages.daemon.image.checksum.PublishedSums;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.image.file.CallerImages;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.linux.file.DirectoryNames;
import org.example.piimages.daemon.linux.file.OpenFile;

/**
 * Reads the checksum files next to a download, with the privileges of its user. If the download is a symbolic link, both its directory and
 * that of its target are searched.
 */
final class ChecksumFiles {

    /** The maximum number of checksum files in a directory. */
    private static final int MAX_FILES = 1000;
    /** The maximum size of a list that may apply to the download, in bytes. */
    private static final int MAX_SIZE = 1 << 20;
    private static final int MAX_SIZE_OF_ANOTHER = 256 << 10;
    /** The maximum total size, in bytes, because several downloads can be verified at once. */
    private static final int MAX_TOTAL_SIZE = 4 << 20;
    private static final int MAX_LINES = 20_000;
    /** The names that are tried if a directory may be searched but not listed. */
    private static final List<String> COMMON_NAMES = List.of("%s.sha256", "%s.sha512", "%s.sha256sum", "%s.sha512sum", "%s.sha", "%s.sha1",
            "%s.md5", "SHA256SUMS", "SHA512SUMS", "sha256sum.txt", "sha256sums.txt", "sha256sums", "SHA1SUMS", "MD5SUMS");

    private final JobImage jobImage;
    private final List<String> downloads;
    private final List<String> images;
    private long read;
    private long lines;

    private ChecksumFiles(JobImage jobImage, List<String> downloads, List<String> images) {
        this.jobImage = jobImage;
        this.downloads = downloads;
        this.images = images;
    }

    /**
     * Reads all checksum files.
     *
     * @param downloads the file names of the download
     * @param images the names that the image in it can have
     * @throws Failure like {@link CallerImages#open} if a file that applies to the download cannot be read; LIMIT_EXCEEDED
     */
    static PublishedSums find(JobImage jobImage, List<String> downloads, List<String> images) throws IOException {
        ChecksumFiles search = new ChecksumFiles(jobImage, downloads, images);
        Set<String> directories = new LinkedHashSet<>();
        for (String path : List.of(jobImage.file().path(), jobImage.file().file().path())) {
            directories.add(path.substring(0, path.lastIndexOf('/') + 1));
        }
        List<PublishedFile> files = new ArrayList<>();
        for (String directory : directories) {
            search.readAll(directory, files);
        }
        return new PublishedSums(files, "");
    }

    private ChecksumFile role(String name) {
        return ChecksumFile.of(name, downloads, images);
    }

    private void readAll(String directory, List<PublishedFile> files) throws IOException {
        List<String> names;
        try {
            names = DirectoryNames.of(directory, jobImage.credentials(), name -> role(name) != ChecksumFile.NONE, MAX_FILES);
        } catch (IOException e) {
            // The directory can still be searched, because the download in it was opened.
            for (String usual : COMMON_NAMES) {
                read(directory, usual.formatted(downloads.get(0)), false, files);
            }
            return;
        }
        if (names.size() > MAX_FILES) {
            throw tooMany("there are more than " + MAX_FILES + " checksum files in its directory");
        }
        for (String name : names.stream().sorted().toList()) {
            read(directory, name, true, files);
        }
    }

    private void read(String directory, String name, boolean listed, List<PublishedFile> files) throws IOException {
        ChecksumFile role = role(name);
        int longest = role == ChecksumFile.OF_ANOTHER ? MAX_SIZE_OF_ANOTHER : MAX_SIZE;
        try (ImageFile list = CallerImages.open(directory + name, jobImage.credentials(), true)) {
            OpenFile file = list.file();
            read += Math.min(file.length(), longest);
            if (read > MAX_TOTAL_SIZE) {
                throw tooMany(Printable.quoted(directory) + " has more than " + (MAX_TOTAL_SIZE >> 20) + " MiB of checksum files");
            }
            if (file.length() <= longest) {
                byte[] content = file.readStart(longest);
                lines += lines(content);
                if (lines > MAX_LINES) {
                    throw tooMany(Printable.quoted(directory) + " has more than " + MAX_LINES + " lines of checksums");
                }
                files.add(PublishedFile.of(name, role, content, downloads));
            } else if (role != ChecksumFile.OF_ANOTHER) {
                throw new Failure(Failure.Kind.INVALID_IMAGE, "it is too large for a list of checksums");
            }
        } catch (Failure failure) {
            if (failure.kind() == Failure.Kind.LIMIT_EXCEEDED) {
                throw failure;
            }
            // A checksum file of another download may be unreadable.
            if (role != ChecksumFile.OF_ANOTHER && (listed || failure.kind() != Failure.Kind.NOT_FOUND)) {
                throw new Failure(failure.kind(), "cannot read its checksum file " + Printable.path(name) + ": "
                        + failure.getMessage() + PublishedFile.HINT, failure);
            }
        }
    }

    private static int lines(byte[] content) {
        int lines = 1;
        for (byte one : content) {
            lines += one == '\n' || one == '\r' ? 1 : 0;
        }
        return lines;
    }

    private static Failure tooMany(String what) {
        return new Failure(Failure.Kind.LIMIT_EXCEEDED, what + PublishedFile.HINT);
    }
}
