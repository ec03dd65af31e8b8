package org.example.piimages.build;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.example.piimages.contract.DownloadName;

/** From what a recipe makes what. */
final class Setup {

    private static final String ENDING = ".Pifile";

    private final BuildRequest request;
    private Request from;
    private Path base;
    private Path target;
    private int rootPartition;

    Setup(BuildRequest request) {
        this.request = request;
    }

    /** Takes FROM, TO or INPLACE; of several, the last counts. */
    void take(Request command) throws BuildException {
        String name = command.command();
        command.expect(1, name.equals("TO") ? 1 : 2, name.equals("TO") ? "TO IMAGE" : name + " IMAGE [PARTITION]");
        if (name.equals("TO")) {
            target = command.path(0);
            return;
        }
        boolean isAddress = Download.isAddress(command.arguments().get(0));
        if (name.equals("INPLACE") && isAddress) {
            throw BuildException.request("an address cannot be changed; FROM takes it, and TO names the image to make");
        }
        if (!isAddress && !Files.isRegularFile(command.path(0))) {
            throw BuildException.notFound("there is no file " + command.path(0));
        }
        from = command;
        rootPartition = partition(command);
        base = isAddress ? null : command.path(0);
        if (name.equals("INPLACE")) {
            if (isPacked(base.getFileName().toString())) {
                throw BuildException.request("it is packed; FROM unpacks it, and TO names the image to make");
            }
            target = base;
        }
    }

    /** The service finds the root by itself; a number that a recipe gives counts where there is doubt, and pimod's own is always 2. */
    private static int partition(Request command) throws BuildException {
        if (command.arguments().size() == 1) {
            return 0;
        }
        String number = command.arguments().get(1);
        if (!number.matches("[1-9][0-9]{0,2}")) {
            throw BuildException.request("'" + number + "' is no partition's number");
        }
        return Integer.parseInt(number);
    }

    private static boolean isPacked(String name) {
        return !DownloadName.unpacked(name).equals(name);
    }

    int rootPartition() {
        return rootPartition;
    }

    /** The image to make: by TO, by the recipe's name, or rpi.img beside the source. */
    Path target() throws BuildException {
        required();
        if (target != null) {
            return target;
        }
        Path recipe = request.pifile().toAbsolutePath().normalize();
        String name = recipe.getFileName().toString();
        if (name.endsWith(ENDING) && name.length() > ENDING.length()) {
            return recipe.resolveSibling(name.substring(0, name.length() - ENDING.length()) + ".img");
        }
        return base == null ? from.folder().resolve("rpi.img") : base.resolveSibling("rpi.img");
    }

    private void required() throws BuildException {
        if (from == null) {
            throw BuildException.request(request.pifile() + ": it has neither FROM nor INPLACE, which name the image to begin with");
        }
    }

    /** Where the image to begin with comes from; a download is fetched. */
    Source source() throws BuildException {
        required();
        try {
            if (base == null) {
                String address = from.arguments().get(0);
                if (!isPacked(Download.name(URI.create(address)))) {
                    throw BuildException.request("only packed images are downloaded; download it, and name the file");
                }
                base = Download.fetch(request.cache(), address, request.sha256() != null, request.progress());
                return new Source(base, true, request.sha256(), request.verify(), request.verify());
            }
            boolean isPacked = isPacked(base.getFileName().toString());
            if (!isPacked && request.sha256() != null) {
                throw BuildException.request("--sha256 is about a file to unpack, and this is none");
            }
            return new Source(base, isPacked, request.sha256(), request.verify(), false);
        } catch (IllegalArgumentException e) {
            throw BuildException.request("'" + from.arguments().get(0) + "' is no address").at(from.location());
        } catch (BuildException e) {
            throw e.at(from.location());
        }
    }

    /** What tells the image to begin with from every other. */
    String key() throws BuildException, IOException {
        Source source = source();
        return new Fingerprint().add("FROM", String.valueOf(rootPartition), source.isPacked() ? "packed" : "image",
                String.valueOf(source.sha256()), String.valueOf(source.verify())).addVersion(source.file()).text();
    }
}
