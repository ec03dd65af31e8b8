package org.example.piimages.build.recipe;

import java.nio.file.Path;
import java.util.List;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.failure.Location;

/**
 * A command that bash has come to in a recipe.
 *
 * @param location where
 * @param folder the working directory of bash
 * @param input a file with its standard input; null for none
 * @param output a file for its standard output; null where it goes where the build's own goes
 * @param command such as RUN
 * @param arguments as bash has expanded them
 */
public record Request(Location location, Path folder, Path input, Path output, String command, List<String> arguments) {

    private static final int FIXED = 6;

    /** The request that these fields make; see prelude.sh. */
    static Request of(List<String> fields) {
        List<String> words = fields.subList(FIXED - 1, fields.size());
        Location location = new Location(fields.get(0), number(fields.get(1)), String.join(" ", words));
        return new Request(location, Path.of(fields.get(2)), file(fields.get(3)), file(fields.get(4)), words.get(0),
                List.copyOf(words.subList(1, words.size())));
    }

    private static int number(String text) {
        return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
    }

    private static Path file(String name) {
        return name.isEmpty() ? null : Path.of(name);
    }

    /** A file that an argument names, from the working directory of bash. */
    public Path path(int argument) {
        return folder.resolve(arguments.get(argument)).normalize();
    }

    /** Throws where there are fewer or more arguments. */
    public void expect(int fewest, int most, String usage) throws BuildException {
        if (arguments.size() < fewest || arguments.size() > most) {
            throw BuildException.request("wrong number of arguments (" + arguments.size() + "); usage: " + usage);
        }
    }
}
