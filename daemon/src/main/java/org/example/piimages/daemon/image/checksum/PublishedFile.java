package org.example.piimages.daemon.image.checksum;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;

/**
 * A checksum file beside a download.
 *
 * @param name its own, without folders
 * @param role what it is to the download
 * @param list what it says
 */
public record PublishedFile(String name, ChecksumFile role, ChecksumList list) {

    /** How to go on where it is of no use. */
    public static final String WAY_OUT = "; to continue, specify the checksum with --sha256=HEX, or skip the verification with --no-verify";

    /** Reads one. */
    public static PublishedFile of(String name, ChecksumFile role, byte[] content, List<String> downloads) {
        return new PublishedFile(name, role, ChecksumList.of(content, !ChecksumFile.isOfUnknownFunction(name, downloads)));
    }

    /** Its name for a message. */
    String title() {
        return Printable.path(name);
    }

    /** Whether it says nothing by itself: the signature of some other file. */
    boolean isEmptyOfMeaning() {
        return list.isSignatureAlone();
    }

    /**
     * What it says of the download and the image in it.
     *
     * @return empty where it is about other files
     * @throws Failure INVALID_IMAGE when it is not understood, says two things of one file, or should be about the download and is not
     */
    List<Expectation> expectations(List<String> downloads, List<String> images) {
        if (isEmptyOfMeaning()) {
            return List.of();
        }
        refuseUnknown(unknown -> downloads.stream().anyMatch(unknown::mentions) || images.stream().anyMatch(unknown::mentions));
        List<Expectation> found = new ArrayList<>();
        add(found, naming(downloads), Expectation.Of.DOWNLOAD);
        add(found, naming(images), Expectation.Of.IMAGE);
        if (role != ChecksumFile.OF_ANOTHER) {
            add(found, withoutName(), Expectation.Of.EITHER);
        }
        boolean silent = found.isEmpty() && !isByUnknownFunction(downloads, images);
        if (silent && role.mustBeUnderstood() || role == ChecksumFile.OF_THE_DOWNLOAD) {
            refuseUnknown(ChecksumList.Unknown::hasDigits);
            requireEntries();
        }
        if (silent && role == ChecksumFile.OF_THE_DOWNLOAD) {
            add(found, only(), Expectation.Of.EITHER);
        }
        return found;
    }

    private List<ChecksumEntry> withoutName() {
        return list.entries().stream().filter(entry -> !entry.hasName()).toList();
    }

    /** Whether it has a sum of the download by a function that is not known here. */
    boolean isByUnknownFunction(List<String> downloads, List<String> images) {
        return Stream.of(naming(downloads), naming(images), role == ChecksumFile.OF_THE_DOWNLOAD ? list.entries() : withoutName())
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

    /** The one entry of a file that is called as the download: it was renamed, or the sum is that of what is inside. */
    private List<ChecksumEntry> only() {
        if (list.entries().size() != 1) {
            throw failure(title() + " is named after it, but contains only checksums of other files, such as "
                    + Printable.quoted(list.entries().get(0).name()));
        }
        return list.entries();
    }

    /** Those that have one of the names; where there is one of this folder, not those of others. */
    private List<ChecksumEntry> naming(List<String> names) {
        List<ChecksumEntry> all = list.entries().stream().filter(entry -> entry.hasName() && entry.isOf(names)).toList();
        List<ChecksumEntry> here = all.stream().filter(entry -> entry.isHere(names)).toList();
        return here.isEmpty() ? all : here;
    }

    private void add(List<Expectation> found, List<ChecksumEntry> entries, Expectation.Of of) {
        for (HashFunction function : HashFunction.values()) {
            List<String> digests = entries.stream().filter(entry -> entry.function().equals(Optional.of(function)))
                    .map(ChecksumEntry::digest).distinct().toList();
            if (digests.size() > 1) {
                throw failure(title() + " has two different " + function.title() + " checksums of the same file");
            }
            digests.forEach(digest -> found.add(new Expectation(function, digest, of, title())));
        }
    }

    static Failure failure(String message) {
        return new Failure(Failure.Kind.INVALID_IMAGE, message + WAY_OUT);
    }
}
