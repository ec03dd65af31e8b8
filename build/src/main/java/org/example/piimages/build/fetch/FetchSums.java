package org.example.piimages.build.fetch;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.example.piimages.build.download.OsEntry;

/**
 * What a fetched download is compared with.
 *
 * @param kind whose word it is
 * @param download the SHA-256 of the download, or null
 * @param image the SHA-256 of the image in it, or null; one that the user gave may be of either, and is both
 */
record FetchSums(Kind kind, String download, String image) {

    /** Whose word it is. */
    enum Kind {
        /** Nobody's. */
        NONE("nothing, as requested"),
        /** The user's. */
        GIVEN("the given checksum"),
        /** That of the list of operating systems. */
        LIST("the checksums in the list"),
        /** That of the files beside the download. */
        FILES("the checksum files beside it");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** In words. */
        String text() {
            return text;
        }
    }

    /** By the user's options and the list's entry, which is null for a download that no list names. */
    static FetchSums of(FetchRequest request, OsEntry entry) {
        if (!request.verify()) {
            return new FetchSums(Kind.NONE, null, null);
        }
        if (request.sha256() != null) {
            String sum = request.sha256().toLowerCase(Locale.ROOT);
            return new FetchSums(Kind.GIVEN, sum, sum);
        }
        if (entry == null || entry.downloadSha256().isEmpty() && entry.sha256().isEmpty()) {
            return new FetchSums(Kind.FILES, null, null);
        }
        return new FetchSums(Kind.LIST, entry.downloadSha256().isEmpty() ? null : entry.downloadSha256(),
                entry.sha256().isEmpty() ? null : entry.sha256());
    }

    /** Whether it is known before the download what comes. */
    boolean areKnown() {
        return kind == Kind.GIVEN || kind == Kind.LIST;
    }

    /** What the download is compared with when it is unpacked; null for the files beside it, or nothing. */
    String whenUnpacked() {
        return image == null ? download : image;
    }

    /** What the download is compared with while it comes; null for nothing. One that the user gave may be that of the image. */
    String whileDownloading() {
        return kind == Kind.LIST ? download : null;
    }

    /** In words, what is compared. */
    String text() {
        if (kind != Kind.LIST) {
            return kind.text();
        }
        List<String> names = new ArrayList<>();
        if (download != null) {
            names.add("image_download_sha256");
        }
        if (image != null) {
            names.add("extract_sha256");
        }
        return kind.text() + " (" + String.join(", ", names) + ")";
    }
}
