package org.example.piimages.build.step;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.example.piimages.build.cache.CapturedOutput;
import org.example.piimages.build.cache.FileTree;
import org.example.piimages.build.cache.Fingerprint;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.image.Archive;
import org.example.piimages.build.image.Images;
import org.example.piimages.build.image.RootDirectory;
import org.example.piimages.build.recipe.Request;

/** Translates the commands of a recipe that run in the image to steps, and processes those that set the environment of later commands. */
public final class ImageCommands {

    private static final String USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    /** The options of configure whose argument is a file. */
    private static final Set<String> FILES = Set.of("--ssh-key", "--run-at-first-boot", "--user-data", "--network-config", "--from",
            "--password-file", "--wifi-password-file");
    /** Options whose effect depends on more than the named file. */
    private static final Set<String> UNREPEATABLE = Set.of("--from");
    private static final String STANDARD_INPUT = "-";

    private final Map<String, String> environment = new TreeMap<>(Map.of("PIMOD", "true"));
    private String searchPath;
    private String directory = "/";

    /** Returns the step of a command; null for a command that only sets the environment of later ones. */
    public Step step(Request request) throws BuildException, IOException {
        return switch (request.command()) {
            case "ENV" -> variable(request);
            case "PATH" -> search(request);
            case "WORKDIR" -> directory(request);
            case "RUN" -> run(request);
            case "INSTALL" -> install(request);
            case "EXTRACT" -> extract(request);
            case "CONFIGURE" -> configure(request);
            default -> throw BuildException.request("unknown command");
        };
    }

    private Step variable(Request request) throws BuildException {
        request.expect(1, 2, "ENV NAME [VALUE]");
        String name = request.arguments().get(0);
        if (name.isEmpty() || name.contains("=")) {
            throw BuildException.request("'" + name + "' is not a valid variable name; to set a variable: ENV NAME VALUE");
        }
        if (request.arguments().size() == 1) {
            environment.remove(name);
        } else {
            environment.put(name, request.arguments().get(1));
        }
        return null;
    }

    private Step search(Request request) throws BuildException {
        request.expect(1, 1, "PATH DIRECTORY");
        searchPath = (searchPath == null ? USUAL_PATH : searchPath) + ":" + request.arguments().get(0);
        return null;
    }

    private Step directory(Request request) throws BuildException {
        request.expect(1, 1, "WORKDIR DIRECTORY");
        directory = request.arguments().get(0);
        if (!directory.startsWith("/")) {
            throw BuildException.request("'" + directory + "' is not an absolute path");
        }
        return null;
    }

    private Step run(Request request) throws BuildException, IOException {
        List<String> command = request.arguments();
        if (command.isEmpty()) {
            if (request.input() == null) {
                throw BuildException.request("no command specified, and no commands for /bin/sh on standard input");
            }
            command = List.of("/bin/sh");
        }
        List<String> variables = variables();
        CapturedOutput output = new CapturedOutput(request.output(), request.errors());
        Fingerprint fingerprint = new Fingerprint().add("RUN", directory, output.kind()).add(variables)
                .add(command);
        if (request.input() != null) {
            fingerprint.addContent(request.input());
        }
        List<String> words = command;
        String place = directory;
        return new Step(request.location(), fingerprint.text(), output, true, draft -> draft.execute(
                new Images.Execution(draft.file(), words, variables, place, request.input(), request.output(), request.errors())));
    }

    /** Returns the environment of the next command in the image, as NAME=VALUE. */
    public List<String> variables() {
        List<String> variables = new ArrayList<>();
        environment.forEach((name, value) -> variables.add(name + "=" + value));
        if (searchPath != null) {
            variables.add("PATH=" + searchPath);
        }
        return variables;
    }

    /** Returns the working directory of the next command in the image. */
    public String directory() {
        return directory;
    }

    private Step install(Request request) throws BuildException, IOException {
        request.expect(2, 3, "INSTALL [MODE] SOURCE DEST");
        int first = request.arguments().size() - 2;
        String mode = first == 0 ? null : request.arguments().get(0);
        if (mode != null && !mode.matches("[0-7]{1,4}")) {
            throw BuildException.request("'" + mode + "' is not a valid mode; specify three or four octal digits, such as 755");
        }
        Path from = existing(request.path(first));
        String to = request.arguments().get(first + 1);
        Fingerprint fingerprint = new Fingerprint().add("INSTALL", String.valueOf(mode), from.getFileName().toString(), to).addTree(from);
        return new Step(request.location(), fingerprint.text(), true, new Installation(from, to, mode));
    }

    private Step extract(Request request) throws BuildException, IOException {
        request.expect(2, 2, "EXTRACT ARCHIVE DEST");
        Path archive = existing(request.path(0));
        String to = request.arguments().get(1);
        Fingerprint fingerprint = new Fingerprint().add("EXTRACT", archive.getFileName().toString(), to).addContent(archive);
        return new Step(request.location(), fingerprint.text(), true, new Extraction(archive, to));
    }

    /**
     * Creates the step of CONFIGURE. File names are relative to the working directory of bash, and the file contents are part of the
     * fingerprint.
     */
    private Step configure(Request request) throws BuildException, IOException {
        List<String> words = new ArrayList<>();
        Set<Integer> files = new TreeSet<>();
        Fingerprint fingerprint = new Fingerprint().add("CONFIGURE");
        boolean isRepeatable = true;
        String option = "";
        for (String word : request.arguments()) {
            int equals = word.startsWith("--") ? word.indexOf('=') : -1;
            String name = equals < 0 ? option : word.substring(0, equals);
            String value = word.substring(equals + 1);
            boolean isFile = FILES.contains(name);
            isRepeatable &= !UNREPEATABLE.contains(name) && !(isFile && value.equals(STANDARD_INPUT));
            if (isFile && !value.equals(STANDARD_INPUT)) {
                Path file = existing(request.directory().resolve(value));
                fingerprint.addContent(file);
                value = file.toString();
                if (!UNREPEATABLE.contains(name)) {
                    files.add(words.size());
                }
            }
            words.add(equals < 0 ? value : name + "=" + value);
            option = equals < 0 && word.startsWith("--") ? word : "";
        }
        fingerprint.add(words);
        return new Step(request.location(), fingerprint.text(), isRepeatable, new Configuration(words, files));
    }

    private static Path existing(Path file) throws BuildException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            boolean isPipe = file.toString().matches("/[a-z]+/fd/[0-9]+");
            throw BuildException.notFound("there is no " + file
                    + (isPipe ? "; a process substitution is not supported, so write its output to a file first" : ""));
        }
        if (file.getFileName() == null) {
            throw BuildException.request("the root directory of the host cannot be copied; specify a file or directory in it");
        }
        return file;
    }
}
