package org.example.piimages.daemon.image.checksum;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;

/**
 * A checksum file published beside a download.
 *
 * @param name its name without directories
 * @param role its relation to the download
 * @param list its content
 */
public record PublishedFile(String name, ChecksumFile role, ChecksumList list) {

    /** The hint for a checksum file that cannot be used. */
    public static final String HINT = "; to continue, specify the checksum with --sha256=HEX, or skip the verification with --no-verify";

    /** Parses a checksum file that was found beside the downloads of the given names. */
    public static PublishedFile of(String name, ChecksumFile role, byte[] content, List<String> downloads) {
        return new PublishedFile(name, role, ChecksumList.of(content, !ChecksumFile.isOfUnknownFunction(name, downloads)));
    }

    /** The name for a message. */
    String title() {
        return Printable.path(name);
    }

    /** Whether it contains no checksum but only the signature of another file. */
    boolean isSignatureOnly() {
        return list.isSignatureOnly();
    }

    /**
     * Returns the expected checksums of the download and of the image in it.
     *
     * @return an empty list if the file is about other files
     * @throws Failure INVALID_IMAGE if it cannot be parsed, has two different checksums of one file, or should contain one of the download
     *     and does not
     */
    List<ExpectedChecksum> expectations(List<String> downloads, List<String> images) {
        if (isSignatureOnly()) {
            return List.of();
        }
        refuseUnknown(unknown -> downloads.stream().anyMatch(unknown::mentions) || images.stream().anyMatch(unknown::mentions));
        List<ExpectedChecksum> found = new ArrayList<>();
        add(found, entriesFor(downloads), ExpectedChecksum.Target.DOWNLOAD);
        add(found, entriesFor(images), ExpectedChecksum.Target.IMAGE);
        if (role != ChecksumFile.OF_ANOTHER) {
            add(found, withoutName(), ExpectedChecksum.Target.EITHER);
        }
        boolean silent = found.isEmpty() && !isByUnknownFunction(downloads, images);
        if (silent && role.mustBeUnderstood() || role == ChecksumFile.OF_THE_DOWNLOAD) {
            refuseUnknown(ChecksumList.Unknown::hasDigits);
            requireEntries();
        }
        if (silent && role == ChecksumFile.OF_THE_DOWNLOAD) {
            add(found, onlyEntry(), ExpectedChecksum.Target.EITHER);
        }
        return found;
    }

    private List<ChecksumEntry> withoutName() {
        return list.entries().stream().filter(entry -> !entry.hasName()).toList();
    }

    /** Whether it has a checksum of the download by an unknown function. */
    boolean isByUnknownFunction(List<String> downloads, List<String> images) {
        return Stream.of(entriesFor(downloads), entriesFor(images), role == ChecksumFile.OF_THE_DOWNLOAD ? list.entries() : withoutName())
                .flatMap(List::stream).anyMatch(entry -> entry.function().isEmpty());
    }

    private void refuseUnknown(Predicate<ChecksumList.Unknown> which) {
        Optional<ChecksumList.Unknown> unknown = list.unknown().stream().filter(which).findFirst();
        if (unknown.isPresent()) {
            throw failure("line " + unknown.get().number() + " of " + title() + " does not consist of a checksum and a name: "
                    + Printable.quoted(unknown.get().text()));
        }
    }

    private void requireEntries() {
        if (list.entries().isEmpty()) {
            throw failure(title() + " beside it contains no checksum in a known format");
        }
    }

    /**
     * Returns the only entry of a file that is named after the download: the download was renamed, or the checksum is that of the image in
     * it.
     */
    private List<ChecksumEntry> onlyEntry() {
        if (list.entries().size() != 1) {
            throw failure(title() + " is named after it, but contains only checksums of other files, such as "
                    + Printable.quoted(list.entries().get(0).name()));
        }
        return list.entries();
    }

    /** Returns the entries for one of the names; those for this directory, if any, take precedence over those for other directories. */
    private List<ChecksumEntry> entriesFor(List<String> names) {
        List<ChecksumEntry> all = list.entries().stream().filter(entry -> entry.hasName() && entry.isFor(names)).toList();
        List<ChecksumEntry> sameDirectory = all.stream().filter(entry -> entry.isForSameDirectory(names)).toList();
        return sameDirectory.isEmpty() ? all : sameDirectory;
    }

    private void add(List<ExpectedChecksum> found, List<ChecksumEntry> entries, ExpectedChecksum.Target target) {
        for (HashFunction function : HashFunction.values()) {
            List<String> digests = entries.stream().filter(entry -> entry.function().equals(Optional.of(function)))
                    .map(ChecksumEntry::digest).distinct().toList();
            if (digests.size() > 1) {
                throw failure(title() + " has two different " + function.title() + " checksums of the same file");
            }
            digests.forEach(digest -> found.add(new ExpectedChecksum(function, digest, target, title())));
        }
    }

    static Failure failure(String message) {
        return new Failure(Failure.Kind.INVALID_IMAGE, message + HINT);
    }
}
