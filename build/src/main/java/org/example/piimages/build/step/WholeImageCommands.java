package org.example.piimages.build.step;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.example.piimages.build.cache.Fingerprint;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.recipe.Request;

/** Translates the commands of a recipe that change the image as a whole to steps. */
public final class WholeImageCommands {

    private WholeImageCommands() {
    }

    /** Returns the step of a command; null if there is nothing to do. */
    public static Step step(Request request) throws BuildException {
        return switch (request.command()) {
            case "PUMP" -> {
                request.expect(1, 1, "PUMP SIZE");
                yield command(request, "grow", List.of("+" + pumpSize(request.arguments().get(0))));
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
            // Nothing to do: SHRINK leaves free space as holes, and copies preserve holes.
            case "ZERO" -> null;
            default -> throw BuildException
                    .request("this command of pimod is not supported; to enlarge the root filesystem, use GROW SIZE");
        };
    }

    /** Converts a size of pimod: the suffixes MB and MiB are accepted as M; without a suffix the unit is bytes. */
    private static String pumpSize(String size) throws BuildException {
        String bare = size.toUpperCase(Locale.ROOT).replaceFirst("I?B$", "");
        if (!bare.matches("[0-9]+[KMGT]?")) {
            throw BuildException
                    .request("'" + size + "' is not a valid size; specify an integer with the suffix K, M, G or T, such as 500M");
        }
        return bare;
    }

    private static Step command(Request request, String name, List<String> rest) {
        String fingerprint = new Fingerprint().add(name).add(rest).text();
        return new Step(request.location(), fingerprint, true, draft -> draft.command(name, rest));
    }

    /** Returns the name of a temporary file beside a file that will be renamed to it. */
    public static Path temporaryName(Path file) {
        return file.resolveSibling(".building-" + file.getFileName());
    }
}
