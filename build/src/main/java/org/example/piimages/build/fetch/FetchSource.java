package org.example.piimages.build.fetch;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.example.piimages.build.download.Download;
import org.example.piimages.build.download.OsList;
import org.example.piimages.build.download.OsListReader;
import org.example.piimages.build.download.Redirection;
import org.example.piimages.build.download.Response;
import org.example.piimages.build.download.WebClient;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.contract.DownloadName;

/**
 * The source of a fetch: a list of operating systems or a download. The content determines which of the two it is, never the name: a list
 * is JSON.
 *
 * @param list a list of operating systems; null for a download
 * @param address the URL of a download; null for a list
 * @param size the size of the download in bytes; 0 if unknown
 */
public record FetchSource(OsList list, URI address, long size) {

    private static final int START = 512;

    /**
     * Determines the source of a request.
     *
     * @throws BuildException if it is neither a list nor a download
     */
    static FetchSource of(FetchRequest request) throws BuildException {
        String source = request.source();
        if (!Download.isAddress(source)) {
            return ofFile(request);
        }
        URI address = Download.verifyServer(source, request.sha256() != null);
        if (Download.exists(request.cache(), address) || Download.isPartial(request.cache(), address)) {
            return new FetchSource(null, address, 0);
        }
        try (Response response = new WebClient().requestSmallFile(address)) {
            if (response.status() != WebClient.OK) {
                throw response.statusException();
            }
            byte[] start = response.body().readNBytes(START);
            if (isJson(start)) {
                OsListReader.requireTrust(source);
                InputStream all = new SequenceInputStream(new ByteArrayInputStream(start), response.body());
                return ofList(request, WebClient.bounded(all, OsListReader.MAX_SIZE));
            }
            return new FetchSource(null, named(request, address, Redirection.target(address, response)), Math.max(0, response.length()));
        } catch (IOException e) {
            throw BuildException.failed("cannot read " + source + ": " + BuildException.reason(e) + "; check the URL, or try again later");
        }
    }

    private static FetchSource ofFile(FetchRequest request) throws BuildException {
        String source = request.source();
        byte[] bytes;
        try {
            bytes = OsListReader.start(source, START);
        } catch (BuildException e) {
            throw !e.isNotFound() ? e : BuildException.notFound(e.getMessage() + "; specify a list or a URL, which begins with https://");
        }
        if (!isJson(bytes)) {
            throw BuildException.request(source + " is not JSON, so it is not a list of operating systems, and a file need not be"
                    + " downloaded; to unpack it: piimagesctl unpack " + source);
        }
        return ofList(request, OsListReader.file(source));
    }

    private static FetchSource ofList(FetchRequest request, byte[] bytes) throws BuildException {
        try {
            JsonNode entries = OsListReader.entries(request.source(), bytes);
            return new FetchSource(new OsList(request.source(), entries, request.progress()), null, 0);
        } catch (BuildException e) {
            throw new BuildException(e.status(), e.getMessage() + "; it begins as JSON does, so it was not taken for an image");
        }
    }

    /** Returns whether the data begins like a JSON object or array, which no image or archive does. */
    static boolean isJson(byte[] start) {
        String text = new String(start, StandardCharsets.UTF_8).replaceFirst("^\ufeff", "").strip();
        return text.startsWith("{") || text.startsWith("[");
    }

    /**
     * Returns the URL whose file name determines the name of the file and how it is unpacked: the specified URL, or the one that it
     * redirects to, as URLs of the latest image do.
     */
    private static URI named(FetchRequest request, URI address, URI last) throws BuildException {
        if (DownloadName.isDownload(Download.name(address))) {
            return address;
        }
        if (DownloadName.isDownload(Download.name(last))) {
            return last;
        }
        throw BuildException
                .request(request.source() + " is not JSON, so it was taken for an image, but it does not end with the name of an"
                        + " image or of a packed one (.img, .img.xz, .zip)" + (last.equals(address) ? "" : ", nor does " + last
                                + ", to which it leads")
                        + ", nor does the server name one (Content-Disposition)"
                        + "; specify the URL of a file or of a list of operating systems");
    }
}
