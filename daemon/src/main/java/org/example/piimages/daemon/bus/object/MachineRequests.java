package org.example.piimages.daemon.bus.object;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.gate.Call;
import org.example.piimages.daemon.bus.gate.Caller;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.image.system.PartitionSelection;
import org.example.piimages.daemon.machine.MachineRequest;
import org.example.piimages.daemon.machine.nspawn.Bind;
import org.example.piimages.daemon.machine.nspawn.MachineCommand;
import org.example.piimages.daemon.machine.nspawn.Privileges;
import org.example.piimages.daemon.machine.nspawn.StandardStreams;
import org.example.piimages.daemon.machine.record.MachineMode;
import org.example.piimages.daemon.machine.record.Network;

/**
 * Decodes the requests for machines and commands. A request has its own copies of the file descriptors: those of the message are closed
 * while polkit may still be waiting for the user.
 */
public final class MachineRequests {

    private static final int COMMAND_LIMIT = 4096;
    private static final int BIND_LIMIT = 64;

    /** A command for a machine that already runs. */
    record GuestCommand(MachineCommand machineCommand, StandardStreams streams) {
    }

    private MachineRequests() {
    }

    /** The request for a machine that runs one command: command and options are the call's last arguments. */
    public static MachineRequest run(Call call) throws IOException {
        Options options = options(call);
        return machine(call, options, machineCommand(command(call), options), false);
    }

    /** The request for a machine that runs the image's own init: options are the call's last argument. */
    static MachineRequest boot(Call call) throws IOException {
        Options options = options(call);
        return machine(call, options, new MachineCommand(List.of(), options.strings(Names.OPTION_ENVIRONMENT), "", ""), true);
    }

    /** The request for a command in a running machine: command and options are the call's arguments. */
    static GuestCommand guestCommand(Call call) {
        Options options = options(call);
        MachineCommand machineCommand = machineCommand(command(call), options);
        StandardStreams streams = streams(options);
        try {
            options.requireNoOthers();
            return new GuestCommand(machineCommand, streams);
        } catch (RuntimeException e) {
            streams.close();
            throw e;
        }
    }

    private static Options options(Call call) {
        return new Options(call.arguments()[call.arguments().length - 1]);
    }

    private static List<String> command(Call call) {
        List<String> command = call.strings(call.arguments().length - 2);
        if (!command.isEmpty() && command.get(0).isEmpty()) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "the name of the command is empty");
        }
        if (command.size() > COMMAND_LIMIT) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT,
                    "the command is too long: " + command.size() + " words, the limit is " + COMMAND_LIMIT
                            + "; put it into a script in the image");
        }
        return command;
    }

    private static MachineCommand machineCommand(List<String> command, Options options) {
        return new MachineCommand(command, options.strings(Names.OPTION_ENVIRONMENT), options.string(Names.OPTION_DIRECTORY),
                options.string(Names.OPTION_USER));
    }

    private static MachineRequest machine(Call call, Options options, MachineCommand machineCommand, boolean boot) throws IOException {
        MachineMode mode = new MachineMode(boot, options.flag(Names.OPTION_READ_ONLY), options.flag(Names.OPTION_EPHEMERAL),
                network(options, boot));
        Privileges privileges = new Privileges(options.flag(Names.OPTION_HOST_USERS), options.strings(Names.OPTION_CAPABILITIES));
        PartitionSelection selection = options.selection(call.caller().account());
        boolean hostTools = !boot && hostTools(options);
        String name = options.string(Names.OPTION_NAME);
        List<String[]> writable = options.pairs(Names.OPTION_BIND);
        List<String[]> readable = options.pairs(Names.OPTION_BIND_READ_ONLY);
        StandardStreams streams = streams(options);
        List<Bind> binds = new ArrayList<>();
        try {
            options.requireNoOthers();
            if (writable.size() + readable.size() > BIND_LIMIT) {
                throw new Failure(Failure.Kind.LIMIT_EXCEEDED, "a machine can have at most " + BIND_LIMIT + " bind mounts");
            }
            for (String[] pair : writable) {
                binds.add(bind(call.caller(), pair, false));
            }
            for (String[] pair : readable) {
                binds.add(bind(call.caller(), pair, true));
            }
            return new MachineRequest(call.caller().sender(), name, mode, selection, hostTools, privileges, machineCommand, binds, streams);
        } catch (IOException | RuntimeException e) {
            streams.close();
            binds.forEach(Bind::close);
            throw e;
        }
    }

    private static boolean hostTools(Options options) {
        String wanted = options.string(Names.OPTION_HOST_TOOLS);
        if (!wanted.isEmpty() && !wanted.equals(Names.HOST_TOOLS_AUTO) && !wanted.equals(Names.HOST_TOOLS_OFF)) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "option host-tools is auto or off, not " + Printable.quoted(wanted));
        }
        return !wanted.equals(Names.HOST_TOOLS_OFF);
    }

    /**
     * The network of a machine. The services that an image starts when it boots would listen on the host's addresses; therefore a booted
     * machine gets the host's network only on request.
     */
    private static Network network(Options options, boolean boot) {
        String wanted = options.string(Names.OPTION_NETWORK);
        if (wanted.isEmpty()) {
            return boot ? Network.PRIVATE : Network.HOST;
        }
        return Network.of(wanted).orElseThrow(() -> new Failure(Failure.Kind.INVALID_ARGUMENT, "option " + Names.OPTION_NETWORK
                + " is host or private, not " + Printable.quoted(wanted)));
    }

    private static StandardStreams streams(Options options) {
        return StandardStreams.copyOf(options.fd(Names.OPTION_STDIN), options.fd(Names.OPTION_STDOUT), options.fd(Names.OPTION_STDERR),
                options.flag(Names.OPTION_TERMINAL));
    }

    private static Bind bind(Caller caller, String[] pair, boolean readOnly) throws IOException {
        return Bind.open(pair[0], pair[1], readOnly, caller.uid(), caller.groups(), caller.pid());
    }
}
