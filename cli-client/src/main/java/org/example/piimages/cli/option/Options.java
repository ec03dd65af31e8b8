package org.example.piimages.cli.option;

import java.io.File;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Creates the options and parameters of commands. */
public final class Options {

    /** The name of the program. */
    public static final String PROGRAM = "piimagesctl";

    private Options() {
    }

    /** Returns an option without a value. */
    public static OptionSpec flag(String name, String description) {
        return OptionSpec.builder(name).type(boolean.class).arity("0").description(description).build();
    }

    /** Returns an option with a value. */
    public static OptionSpec value(String name, String label, String description) {
        return OptionSpec.builder(name).type(String.class).arity("1").paramLabel(label).description(description).build();
    }

    /** Returns an option with a value that can be repeated. */
    public static OptionSpec list(String[] names, String label, String description) {
        return OptionSpec.builder(names).type(List.class).auxiliaryTypes(String.class).arity("1").paramLabel(label)
                .description(description).build();
    }

    /** Returns a parameter that shells complete with file names. */
    public static PositionalParamSpec file(String label, String description) {
        return PositionalParamSpec.builder().index("0").type(File.class).arity("1").required(true).paramLabel(label)
                .description(description).build();
    }

    /** Returns the second parameter, a file like {@link #file}. */
    public static PositionalParamSpec secondFile(String label, String description) {
        return file(label, description).toBuilder().index("1").build();
    }

    /** Returns the second parameter, an optional file. */
    public static PositionalParamSpec optionalSecondFile(String label, String description) {
        return secondFile(label, description).toBuilder().arity("0..1").required(false).build();
    }

    /** Returns the second parameter, a required word. */
    static PositionalParamSpec secondWord(String label, String description) {
        return word(true, label, description).toBuilder().index("1").build();
    }

    /** Returns the second parameter, an optional word. */
    public static PositionalParamSpec optionalSecondWord(String label, String description) {
        return word(false, label, description).toBuilder().index("1").build();
    }

    /** Returns a parameter that is a word. */
    public static PositionalParamSpec word(boolean required, String label, String description) {
        return PositionalParamSpec.builder().index("0").type(String.class).arity(required ? "1" : "0..1").required(required)
                .paramLabel(label).description(description).build();
    }
}
