package org.example.piimages.build;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.example.piimages.build.cache.Fingerprint;
import org.example.piimages.build.download.Download;
import org.example.piimages.build.download.DownloadProgress;
import org.example.piimages.build.download.DownloadRequest;
import org.example.piimages.build.download.Redirection;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.failure.Location;
import org.example.piimages.build.fetch.FetchSource;
import org.example.piimages.build.recipe.Request;
import org.example.piimages.build.step.ImageSource;
import org.example.piimages.contract.DownloadName;

/** The source and the target of a recipe: the commands FROM, TO and INPLACE. */
final class SourceAndTarget {

    private static final String ENDING = ".Pifile";

    private final BuildRequest request;
    private Request from;
    private Path base;
    /** The URL of the source as the recipe specifies it; null for a file. */
    private String address;
    /** That URL after redirections; null until it is known. */
    private URI download;
    private Path target;
    /** Null until it is required: its version must be the one that the key of the source was computed from. */
    private ImageSource source;
    /** The expected SHA-256 of the source; null to use the checksum files beside it. */
    private String sha256;
    private int rootPartition;

    SourceAndTarget(BuildRequest request) {
        this.request = request;
        this.sha256 = request.sha256();
    }

    /** Processes FROM, TO or INPLACE; a later command overrides an earlier one. */
    void execute(Request command) throws BuildException {
        String name = command.command();
        command.expect(1, name.equals("TO") ? 1 : 2, name.equals("TO") ? "TO IMAGE" : name + " IMAGE [PARTITION]");
        if (name.equals("TO")) {
            target = command.path(0);
            return;
        }
        boolean isAddress = Download.isAddress(command.arguments().get(0));
        if (name.equals("INPLACE") && isAddress) {
            throw BuildException.request("a URL cannot be changed in place; specify it with FROM, and the image to create with TO");
        }
        if (!isAddress && !Files.isRegularFile(command.path(0))) {
            throw BuildException.notFound("there is no file " + command.path(0));
        }
        from = command;
        rootPartition = partition(command);
        address = isAddress ? command.arguments().get(0) : null;
        download = null;
        source = null;
        base = isAddress ? null : command.path(0);
        if (name.equals("INPLACE")) {
            if (isPacked(base.getFileName().toString())) {
                throw BuildException.request("it is packed; specify it with FROM, and the image to create with TO");
            }
            target = base;
        }
    }

    /** Returns the number of the root partition, as in --root; 0 if the service is to find it. The default of pimod is always 2. */
    private static int partition(Request command) throws BuildException {
        if (command.arguments().size() == 1) {
            return 0;
        }
        String number = command.arguments().get(1);
        if (!number.matches("[1-9][0-9]{0,2}")) {
            throw BuildException.request("'" + number + "' is not a partition number");
        }
        return Integer.parseInt(number);
    }

    private static boolean isPacked(String name) {
        return !DownloadName.unpacked(name).equals(name);
    }

    int rootPartition() {
        return rootPartition;
    }

    /** Returns the image to create: the one in TO, the one named like the recipe, or rpi.img beside the source. */
    Path target() throws BuildException {
        required();
        if (target != null) {
            return written(target);
        }
        Path recipe = request.pifile().toAbsolutePath().normalize();
        String name = recipe.getFileName().toString();
        if (name.endsWith(ENDING) && name.length() > ENDING.length()) {
            return written(recipe.resolveSibling(name.substring(0, name.length() - ENDING.length()) + ".img"));
        }
        return written(base == null ? from.directory().resolve("rpi.img") : base.resolveSibling("rpi.img"));
    }

    /** Returns the target of a symbolic link, so that the link is preserved; any other file as it is. */
    private static Path written(Path file) throws BuildException {
        if (!Files.isSymbolicLink(file)) {
            return file;
        }
        try {
            return file.toRealPath();
        } catch (IOException e) {
            throw BuildException.notFound("the symbolic link " + file + " is dangling; remove it, or specify another image with TO");
        }
    }

    private void required() throws BuildException {
        if (from == null) {
            throw BuildException.request(request.pifile() + ": neither FROM nor INPLACE specifies a source image");
        }
    }

    /** Returns the source of the image; downloads it if necessary. */
    ImageSource source() throws BuildException {
        required();
        if (source == null) {
            source = findSource();
        }
        return source;
    }

    private ImageSource findSource() throws BuildException {
        try {
            if (address != null) {
                URI verified = verifiedAddress();
                if (request.osList() != null) {
                    sha256 = Download.listedSum(request.cache(), request.osList(), verified);
                }
                base = Download.load(downloadRequest(sha256), verified);
                if (!verified.toString().equals(address)) {
                    Redirection.record(base, URI.create(address));
                }
                return new ImageSource(base, true, sha256, request.verify(), request.verify(), null);
            }
            boolean isPacked = isPacked(base.getFileName().toString());
            if (request.osList() != null) {
                throw BuildException.request("--os-list applies only to a download, and this is a file");
            }
            if (!isPacked && sha256 != null) {
                throw BuildException.request("--sha256 applies only to a packed file, and this file is not packed");
            }
            return new ImageSource(base, isPacked, sha256, request.verify(), false, ImageSource.versionOf(base));
        } catch (BuildException e) {
            throw e.at(from.location());
        }
    }

    private URI verifiedAddress() throws BuildException {
        if (download != null) {
            return download;
        }
        boolean isTrusted = sha256 != null || request.osList() != null;
        URI named = Download.verifyServer(address, isTrusted);
        URI last = DownloadName.isDownload(Download.name(named)) ? named : Redirection.of(request.cache(), named);
        URI verified = Download.verify(last.toString(), isTrusted);
        if (!isPacked(Download.name(verified))) {
            throw BuildException
                    .request("only packed images can be downloaded, from a URL that ends with the file name or leads to one that"
                            + " does, or whose server names the file, unlike " + verified + "; download it yourself, and specify the file");
        }
        download = verified;
        return verified;
    }

    /** Returns whether the source must be downloaded. */
    boolean isDownload() throws BuildException {
        required();
        try {
            return address != null && !Download.exists(request.cache(), verifiedAddress());
        } catch (BuildException e) {
            throw e.at(from.location());
        }
    }

    /** Returns the location of the command that specifies the source. */
    Location location() {
        return from.location();
    }

    /** Returns the key of the source, which identifies the initial state; downloads the source if necessary. */
    String key() throws BuildException, IOException {
        ImageSource state = source();
        // Another version may perform the same steps differently.
        String version = String.valueOf(SourceAndTarget.class.getPackage().getImplementationVersion());
        Fingerprint fingerprint =
                new Fingerprint().add(version, "FROM", String.valueOf(rootPartition), state.isPacked() ? "packed" : "image",
                        String.valueOf(state.sha256()), String.valueOf(state.verify()));
        return fingerprint.add(address == null ? state.version() : Download.identity(state.file())).text();
    }

    /** Returns the parameters of the download. The build verifies the download when it is unpacked. */
    private DownloadRequest downloadRequest(String sha256) {
        return new DownloadRequest(request.cache(), request.verify() && sha256 == null, 0, null,
                DownloadProgress.ofLines(request.progress()));
    }
}
