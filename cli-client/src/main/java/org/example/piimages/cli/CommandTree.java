package org.example.piimages.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.command.build.BuildCommand;
import org.example.piimages.cli.command.build.CacheCommand;
import org.example.piimages.cli.command.build.FetchCommand;
import org.example.piimages.cli.command.care.CancelCommand;
import org.example.piimages.cli.command.care.CheckCommand;
import org.example.piimages.cli.command.care.ConvertCommand;
import org.example.piimages.cli.command.care.GrowCommand;
import org.example.piimages.cli.command.care.JobsCommand;
import org.example.piimages.cli.command.care.ReadCommand;
import org.example.piimages.cli.command.care.ShrinkCommand;
import org.example.piimages.cli.command.care.WriteCommand;
import org.example.piimages.cli.command.host.DoctorCommand;
import org.example.piimages.cli.command.host.InterpreterRegistrationCommand;
import org.example.piimages.cli.command.host.InterpretersCommand;
import org.example.piimages.cli.command.image.ConfigureCommand;
import org.example.piimages.cli.command.image.ListCommand;
import org.example.piimages.cli.command.image.MountCommand;
import org.example.piimages.cli.command.image.StatusCommand;
import org.example.piimages.cli.command.image.UmountCommand;
import org.example.piimages.cli.command.machine.BootCommand;
import org.example.piimages.cli.command.machine.MachinesCommand;
import org.example.piimages.cli.command.machine.RunCommand;
import org.example.piimages.cli.command.machine.ShellCommand;
import org.example.piimages.cli.command.machine.TerminateCommand;
import org.example.piimages.cli.option.GlobalOptions;
import org.example.piimages.cli.option.Options;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The picocli model of piimagesctl and its commands. */
public final class CommandTree {

    /** The headings under which help lists the commands, and all commands. */
    private static final List<Map.Entry<String, List<String>>> GROUPS = List.of(
            Map.entry("Images", List.of("mount", "umount", "list", "status", "configure", "build", "cache")),
            Map.entry("Image care",
                    List.of("fetch", "grow", "shrink", "check", "unpack", "pack", "copy", "write", "read", "jobs", "cancel")),
            Map.entry("Machines", List.of("run", "shell", "boot", "machines", "terminate")),
            Map.entry("Host", List.of("interpreters", "register-interpreter", "unregister-interpreter", "doctor")));

    private CommandTree() {
    }

    /**
     * Returns the model that is required to parse these arguments: only the command that they name, or all commands if a help text or an
     * error message lists them.
     */
    public static CommandLine of(List<String> arguments) {
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (RemoteHost.takesNext(argument)) {
                i++;
                continue;
            }
            Subcommand command = argument.startsWith("-") ? null : command(argument);
            if (command != null) {
                CommandSpec root = root();
                return new CommandLine(root.addSubcommand(argument, describe(command)));
            }
            if (!argument.startsWith("-") || argument.equals("--help") || argument.equals("-h")) {
                break;
            }
        }
        return complete();
    }

    /** Returns the model with all commands. */
    public static CommandLine complete() {
        CommandSpec root = root().versionProvider(CommandTree::version);
        for (String name : names()) {
            root.addSubcommand(name, describe(command(name)));
        }
        CommandLine commandLine = new CommandLine(root);
        commandLine.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, CommandTree::commandList);
        return commandLine;
    }

    private static List<String> names() {
        List<String> names = new ArrayList<>();
        GROUPS.forEach(group -> names.addAll(group.getValue()));
        return names;
    }

    /** Returns the command of that name; null if there is none. */
    private static Subcommand command(String name) {
        return switch (name) {
            case "list" -> new ListCommand();
            case "status" -> new StatusCommand();
            case "mount" -> new MountCommand();
            case "umount" -> new UmountCommand();
            case "configure" -> new ConfigureCommand();
            case "build" -> new BuildCommand(CommandTree::of);
            case "cache" -> new CacheCommand();
            case "fetch" -> new FetchCommand(CommandTree::of);
            case "run" -> new RunCommand();
            case "shell" -> new ShellCommand();
            case "boot" -> new BootCommand();
            case "grow" -> new GrowCommand();
            case "shrink" -> new ShrinkCommand();
            case "check" -> new CheckCommand();
            case "unpack" -> new ConvertCommand("unpack", "UnpackImage",
                    "Unpack a download: .xz .gz .zst .bz2 .lz4 .zip .7z .tar.*");
            case "pack" -> new ConvertCommand("pack", "PackImage", "Pack an image in the format of the suffix: .xz .zst .gz .bz2");
            case "copy" -> new ConvertCommand("copy", "CopyImage", "Copy an image, preserving its holes");
            case "write" -> new WriteCommand();
            case "read" -> new ReadCommand();
            case "jobs" -> new JobsCommand();
            case "cancel" -> new CancelCommand();
            case "machines" -> new MachinesCommand();
            case "terminate" -> new TerminateCommand();
            case "interpreters" -> new InterpretersCommand();
            case "register-interpreter" -> new InterpreterRegistrationCommand(name, "RegisterInterpreter",
                    "Register an emulator for all programs of a CPU permanently");
            case "unregister-interpreter" -> new InterpreterRegistrationCommand(name, "UnregisterInterpreter",
                    "Revert register-interpreter");
            case "doctor" -> new DoctorCommand();
            default -> null;
        };
    }

    private static CommandSpec describe(Subcommand command) {
        CommandSpec spec = command.spec();
        GlobalOptions.addTo(spec);
        spec.usageMessage().parameterListHeading("%n").optionListHeading("%n@|bold Options:|@%n");
        return spec;
    }

    private static CommandSpec root() {
        CommandSpec spec = CommandSpec.create().name(Options.PROGRAM);
        GlobalOptions.addTo(spec);
        RemoteHost.addTo(spec);
        spec.addOption(Options.flag("--version", "Show the version and exit").toBuilder().versionHelp(true).build());
        spec.usageMessage().customSynopsis(Options.PROGRAM + " [OPTION]... COMMAND [ARGUMENT]...")
                .description("Mount Raspberry Pi images and run commands in them.")
                .optionListHeading("%n@|bold Options:|@%n")
                .commandListHeading("")
                .footer(RootHelp.FOOTER);
        return spec;
    }

    /** Returns the version from the manifest of the packaged jar, the only place that has it. */
    private static String[] version() {
        String version = CommandTree.class.getPackage().getImplementationVersion();
        return new String[] {Options.PROGRAM + " " + (version == null ? "(not packaged)" : version)};
    }

    private static String commandList(Help help) {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, List<String>> group : GROUPS) {
            text.append(help.createHeading("%n@|bold " + group.getKey() + ":|@%n"));
            Help.TextTable table = Help.TextTable.forColumns(help.colorScheme(),
                    new Help.Column(16, 2, Help.Column.Overflow.SPAN), new Help.Column(80, 2, Help.Column.Overflow.WRAP));
            for (String name : group.getValue()) {
                CommandSpec spec = help.subcommands().get(name).commandSpec();
                table.addRowValues(help.colorScheme().commandText(name), help.colorScheme().text(spec.usageMessage().description()[0]));
            }
            text.append(table);
        }
        return text.toString();
    }
}
