package org.example.piimages.build.step;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.example.piimages.build.cache.Fingerprint;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.recipe.Request;

/** The commands of a recipe that change the image as a whole, as steps. */
public final class WholeImageCommands {

    private WholeImageCommands() {
    }

    /** The step that a command is; null for one with nothing to do. */
    public static Step step(Request request) throws BuildException {
        return switch (request.command()) {
            case "PUMP" -> {
                request.expect(1, 1, "PUMP SIZE");
                yield command(request, "grow", List.of("+" + pumped(request.arguments().get(0))));
            }
            case "GROW" -> {
                request.expect(1, 1, "GROW SIZE|+SIZE");
                yield command(request, "grow", request.arguments());
            }
            case "SHRINK" -> {
                request.expect(0, 1, "SHRINK [MARGIN]");
                yield command(request, "shrink", request.arguments().isEmpty() ? List.of() : List.of("--margin=" + request.arguments()
                        .get(0)));
            }
            // Free space is a hole in what SHRINK makes, and of a file that is copied holes stay holes.
            case "ZERO" -> null;
            default -> throw BuildException
                    .request("this command of pimod is not supported; to enlarge the root filesystem, use GROW SIZE");
        };
    }

    /** pimod has units' suffixes: 100M, 1G, 1.5G are not told from 100MB or 1GiB; without one it is bytes. */
    private static String pumped(String size) throws BuildException {
        String bare = size.toUpperCase(Locale.ROOT).replaceFirst("I?B$", "");
        if (!bare.matches("[0-9]+[KMGT]?")) {
            throw BuildException
                    .request("'" + size + "' is not a valid size; specify an integer with the suffix K, M, G or T, such as 500M");
        }
        return bare;
    }

    private static Step command(Request request, String name, List<String> rest) {
        String fingerprint = new Fingerprint().add(name).add(rest).text();
        return new Step(request.location(), fingerprint, null, true, draft -> draft.command(name, rest));
    }

    /** A name beside a file for what is to become it. */
    public static Path beside(Path file) {
        return file.resolveSibling(".building-" + file.getFileName());
    }
}
