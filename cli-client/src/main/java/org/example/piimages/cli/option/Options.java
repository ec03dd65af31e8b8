package org.example.piimages.cli.option;

import java.io.File;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The kinds of options and parameters that commands have. */
public final class Options {

    /** What the program is called. */
    public static final String PROGRAM = "piimagesctl";

    private Options() {
    }

    /** An option that is there or not. */
    public static OptionSpec flag(String name, String description) {
        return OptionSpec.builder(name).type(boolean.class).arity("0").description(description).build();
    }

    /** An option with a value. */
    public static OptionSpec value(String name, String label, String description) {
        return OptionSpec.builder(name).type(String.class).arity("1").paramLabel(label).description(description).build();
    }

    /** An option with a value that can be given several times. */
    public static OptionSpec list(String[] names, String label, String description) {
        return OptionSpec.builder(names).type(List.class).auxiliaryTypes(String.class).arity("1").paramLabel(label)
                .description(description).build();
    }

    /** A parameter that shells complete with file names. */
    public static PositionalParamSpec file(String label, String description) {
        return PositionalParamSpec.builder().index("0").type(File.class).arity("1").required(true).paramLabel(label)
                .description(description).build();
    }

    /** The second parameter, a file as {@link #file}. */
    public static PositionalParamSpec secondFile(String label, String description) {
        return file(label, description).toBuilder().index("1").build();
    }

    /** The second parameter, a file that need not be named. */
    public static PositionalParamSpec optionalSecondFile(String label, String description) {
        return secondFile(label, description).toBuilder().arity("0..1").required(false).build();
    }

    /** The second parameter, a word that must be there. */
    static PositionalParamSpec secondWord(String label, String description) {
        return word(true, label, description).toBuilder().index("1").build();
    }

    /** A second parameter that may be left out. */
    public static PositionalParamSpec optionalSecondWord(String label, String description) {
        return word(false, label, description).toBuilder().index("1").build();
    }

    /** A parameter that is a word. */
    public static PositionalParamSpec word(boolean required, String label, String description) {
        return PositionalParamSpec.builder().index("0").type(String.class).arity(required ? "1" : "0..1").required(required)
                .paramLabel(label).description(description).build();
    }
}
