package org.example.piimages.daemon.machine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.example.piimages.daemon.image.MachineView;

/**
 * The command line of systemd-nspawn(1) for a machine.
 *
 * <p>Users of the machine are always mapped to a range of their own: root in it is nobody on the host, and what it creates belongs to the
 * image's root. Everything that is not the image's is bound over; nothing in the image is edited.
 */
final class NspawnCommand {

    private static final String NSPAWN = "/usr/bin/systemd-nspawn";
    /**
     * The machine's first process: a static program of the host's that starts the command, passes signals on to it and exits as a shell
     * would, with 128 and the signal's number where one ended it. nspawn's own (--as-pid2) says 255 to all signals.
     */
    private static final String INIT = "/usr/bin/catatonit";
    /** In the machine's own /run, so that the image needs no place for it. */
    private static final String INIT_IN_MACHINE = "/run/piimages-init";

    private NspawnCommand() {
    }

    /**
     * Builds the argument list, the program first.
     *
     * @param overlays files of the host to be seen in the image in place of the image's own, by their place in the image
     */
    static List<String> of(String name, MachineRequest request, MachineView view, boolean readOnly, Map<String, Path> overlays) {
        List<String> line = new ArrayList<>(List.of(NSPAWN, "--quiet", "--keep-unit", "--register=yes",
                // Settings beside the image would be somebody else's options.
                "--settings=no", "--machine=" + name, "--directory=" + view.root(), "--private-users=pick",
                "--private-users-ownership=map", "--link-journal=no", "--timezone=off", "--resolv-conf=off",
                // Asked to end, nspawn asks the command first; systemd sees to it that it does end.
                "--kill-signal=SIGTERM",
                "--console=" + (request.streams().terminal() ? "interactive" : "pipe")));
        if (readOnly) {
            line.add("--read-only");
        }
        view.others().forEach((place, target) ->
                line.add((readOnly ? "--bind-ro=" : "--bind=") + escape(place.toString()) + ":" + escape(target) + ":idmap"));
        overlays.forEach((target, file) -> line.add("--bind-ro=" + escape(file.toString()) + ":" + escape(target)));
        request.environment().forEach(variable -> line.add("--setenv=" + variable));
        if (!request.directory().isEmpty()) {
            line.add("--chdir=" + request.directory());
        }
        if (!request.user().isEmpty()) {
            line.add("--user=" + request.user());
        }
        line.addAll(List.of("--bind-ro=" + INIT + ":" + INIT_IN_MACHINE, "--", INIT_IN_MACHINE, "--"));
        line.addAll(request.command());
        return line;
    }

    /** Colons separate the parts of a bind, backslashes escape them. */
    private static String escape(String path) {
        return path.replace("\\", "\\\\").replace(":", "\\:");
    }
}
