package org.example.piimages.build;

/**
 * How something is downloaded.
 *
 * @param cache where it is kept
 * @param needsChecksumFile whether it is refused where no checksum file lies beside it
 * @param size how many bytes it has to have; 0 where nobody knows
 * @param sha256 what it is compared with while it comes, in lower case; null for nothing
 * @param progress hears how it gets on
 */
record DownloadRequest(Cache cache, boolean needsChecksumFile, long size, String sha256, DownloadProgress progress) {

    /** Of a build, which compares what it has downloaded when it is unpacked. */
    static DownloadRequest of(BuildRequest request, String sha256) {
        return new DownloadRequest(request.cache(), request.verify() && sha256 == null, 0, null,
                DownloadProgress.ofLines(request.progress()));
    }
}
