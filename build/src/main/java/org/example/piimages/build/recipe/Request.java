package org.example.piimages.build.recipe;

import java.nio.file.Path;
import java.util.List;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.failure.Location;

/**
 * A command that bash has reached in a recipe.
 *
 * @param location the location in the recipe
 * @param directory the working directory of bash
 * @param input a file with the standard input of the command; null for none
 * @param output a file for the standard output of the command; null for the standard output of the build
 * @param errors a file for its standard error, which may be the same; null for the standard error of the build
 * @param command the name of the command, such as RUN
 * @param arguments the arguments, as bash has expanded them
 */
public record Request(Location location, Path directory, Path input, Path output, Path errors, String command, List<String> arguments) {

    private static final int FIXED = 7;

    /** Creates a request from its fields; see prelude.sh for the format. */
    static Request of(List<String> fields) {
        List<String> words = fields.subList(FIXED - 1, fields.size());
        Location location = new Location(fields.get(0), number(fields.get(1)), String.join(" ", words));
        return new Request(location, Path.of(fields.get(2)), file(fields.get(3)),
                file(fields.get(4)), file(fields.get(5)), words.get(0),
                List.copyOf(words.subList(1, words.size())));
    }

    private static int number(String text) {
        return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
    }

    private static Path file(String name) {
        return name.isEmpty() ? null : Path.of(name);
    }

    /** Returns an argument as a path, resolved against the working directory of bash. */
    public Path path(int argument) {
        return directory.resolve(arguments.get(argument)).normalize();
    }

    /** Verifies the number of arguments. */
    public void expect(int min, int max, String usage) throws BuildException {
        if (arguments.size() < min || arguments.size() > max) {
            throw BuildException.request("wrong number of arguments (" + arguments.size() + "); usage: " + usage);
        }
    }
}
