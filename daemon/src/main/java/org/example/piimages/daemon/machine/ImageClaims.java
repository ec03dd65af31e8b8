package org.example.piimages.daemon.machine;

import java.util.HashMap;
import java.util.Map;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.machine.record.MachineMode;
import org.example.piimages.daemon.machine.record.MachineRecord;

/**
 * The machines that use each image. A machine that is incompatible with one of them is rejected, and the error names that machine.
 *
 * <p>Any number of one user's commands may run in an image at once, as in one system. An init has to be the only one: two of them, or an
 * init and a separate apt, would write to the same files without coordination; commands that change nothing may run beside it.
 */
final class ImageClaims {

    private record Claim(String image, int owner, MachineMode mode) {
    }

    private final Map<String, Claim> claims = new HashMap<>();

    /**
     * Lets a machine use an image.
     *
     * @param image the identity of the image's file
     * @param mounted whether the image is mounted on the host as well: that mount, and not the first machine, then determines whether
     *         its filesystems can be written to
     * @throws Failure BUSY if another machine that uses the image is incompatible
     */
    synchronized void claim(String machine, String image, int owner, MachineMode mode, boolean mounted) {
        Claim requested = new Claim(image, owner, mode);
        claims.forEach((other, claim) -> {
            if (claim.image().equals(image)) {
                requireCompatible(requested, claim, other, mounted);
            }
        });
        claims.put(machine, requested);
    }

    /** Registers a machine that an earlier process of the daemon started. */
    synchronized void adopt(MachineRecord machine, String image) {
        claims.put(machine.name(), new Claim(image, machine.owner(), machine.mode()));
    }

    /** Returns the identity of the image that each machine uses, by the machine's name. */
    synchronized Map<String, String> images() {
        Map<String, String> images = new HashMap<>();
        claims.forEach((machine, claim) -> images.put(machine, claim.image()));
        return images;
    }

    synchronized void release(String machine) {
        claims.remove(machine);
    }

    private static void requireCompatible(Claim requested, Claim existing, String machine, boolean mounted) {
        if (existing.owner() != requested.owner()) {
            throw busy("another user's machine " + machine + " runs in it");
        }
        if (existing.mode().boot() && requested.mode().boot()) {
            throw busy("it is already booted as machine " + machine + "; to terminate it: machinectl terminate " + machine);
        }
        if (existing.mode().boot() && !requested.mode().readOnly()) {
            throw busy("it is booted as machine " + machine + "; to run commands there: piimagesctl shell " + machine + " COMMAND");
        }
        if (requested.mode().boot() && !existing.mode().readOnly()) {
            throw busy("machine " + machine + " runs a command in it; boot it when the command has exited");
        }
        if (existing.mode().readOnly() && !requested.mode().readOnly() && !mounted) {
            throw busy("machine " + machine + " uses it read-only; use it read-only too, or when that machine has ended");
        }
    }

    private static Failure busy(String reason) {
        return new Failure(Failure.Kind.BUSY, "the image is in use: " + reason);
    }
}
