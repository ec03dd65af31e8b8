package org.example.piimages.daemon.image.file;

import java.io.IOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.block.BlockDevice;
import org.example.piimages.daemon.linux.block.CardReaderState;
import org.example.piimages.daemon.linux.file.FileStatus;
import org.example.piimages.daemon.linux.file.OpenFile;

/**
 * A card used as an image, identified by its medium: another card in the same reader is another image.
 *
 * @param device the disk
 * @param sequence the kernel's disk sequence number, which changes with the medium
 * @param size the size in bytes
 * @param isWritable whether it is not write-protected
 */
public record ImageCard(CardDevice device, long sequence, long size, boolean isWritable) {

    private static final Pattern IDENTITY = Pattern.compile("disk_(\\d+)_(\\d+)_(\\d+)");

    /** Returns the card that is in the device now; the device is not opened for this. */
    static ImageCard of(CardDevice device) throws IOException {
        BlockDevice disk = device.disk();
        if (!disk.isPhysical()) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT,
                    device.node() + " is not a physical disk but is based on"
                            + " something else, such as a file; specify that instead");
        }
        if (disk.diskSequence() == 0) {
            throw new Failure(Failure.Kind.UNSUPPORTED,
                    "this kernel cannot tell one card in " + device.node() + " from the next; use Linux 5.15"
                            + " or later, or back the card up to a file: piimagesctl read");
        }
        return new ImageCard(device, disk.diskSequence(), disk.size(), !disk.isReadOnly());
    }

    /** The disk's {@link FileStatus#identity} and the medium's number, as {@code disk_MAJOR_MINOR_SEQUENCE}. */
    String identity() {
        return FileStatus.identityOfDisk(device.disk().number()) + "_" + sequence;
    }

    /** Opens the card for exclusive use; see {@link CardDevice#claim}. */
    OpenFile claim(boolean readOnly) throws IOException {
        return device.claim(readOnly, sequence);
    }

    OpenFile openForChange() throws IOException {
        return device.openForChange(sequence);
    }

    /** The failure to report if the card was removed; empty while it is present. */
    Optional<Failure> removalFailure() {
        return isPresent(identity()) ? Optional.empty()
                : Optional.of(new Failure(Failure.Kind.NOT_FOUND, device.node() + " was removed while it was in use"));
    }

    private static Optional<BlockDevice> disk(Matcher card) throws IOException {
        return BlockDevice.ofNumber(card.group(1) + ":" + card.group(2));
    }

    /** The disk in which the card of that identity was; empty when it is gone. */
    private static Optional<BlockDevice> disk(String identity) throws IOException {
        Matcher card = IDENTITY.matcher(identity);
        return card.matches() ? disk(card) : Optional.empty();
    }

    /** Runs work while the disk that held the card of that identity is offline, because it may hold another card by now. */
    public static void whileOffline(String identity, CardReaderState.Offline work) throws IOException {
        Optional<BlockDevice> disk = disk(identity);
        if (disk.isPresent()) {
            new CardReaderState(disk.get().number()).whileOffline(work);
        } else {
            work.run();
        }
    }

    /** Whether an image of that identity is a card. */
    public static boolean isCard(String identity) {
        return IDENTITY.matcher(identity).matches();
    }

    /** Whether the card of that identity is still in its reader, as far as can be told. */
    public static boolean isPresent(String identity) {
        Matcher card = IDENTITY.matcher(identity);
        if (!card.matches()) {
            return true;
        }
        try {
            Optional<BlockDevice> disk = disk(card);
            return disk.isPresent() && disk.get().size() > 0 && disk.get().diskSequence() == Long.parseLong(card.group(3));
        } catch (IOException e) {
            // Assume that it is present: otherwise data not yet written would be lost. The check is repeated later.
            return true;
        }
    }
}
