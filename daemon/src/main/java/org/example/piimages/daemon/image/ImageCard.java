package org.example.piimages.daemon.image;

import java.io.IOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.block.BlockDevice;
import org.example.piimages.daemon.linux.block.ReaderState;
import org.example.piimages.daemon.linux.file.FileStatus;
import org.example.piimages.daemon.linux.file.OpenFile;

/**
 * A card as it was when it was named as an image: another one in the same reader is another image.
 *
 * @param device the disk
 * @param sequence what another medium in the same place does not have
 * @param size in bytes
 * @param isWritable whether it is not write-protected
 */
record ImageCard(CardDevice device, long sequence, long size, boolean isWritable) {

    private static final Pattern IDENTITY = Pattern.compile("disk_(\\d+)_(\\d+)_(\\d+)");

    /** Asks the kernel, which opens nothing for this. */
    static ImageCard of(CardDevice device) throws IOException {
        BlockDevice disk = device.disk();
        if (!disk.isDrive()) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT,
                    device.node() + " is not a physical disk but is based on"
                            + " something else, such as a file; specify that instead");
        }
        if (disk.sequence() == 0) {
            throw new Failure(Failure.Kind.UNSUPPORTED,
                    "this kernel cannot tell one card in " + device.node() + " from the next; use Linux 5.15"
                            + " or later, or back the card up to a file: piimagesctl read");
        }
        return new ImageCard(device, disk.sequence(), disk.size(), !disk.isReadOnly());
    }

    /** The disk's {@link FileStatus#identity} and the medium's number, as {@code disk_MAJOR_MINOR_SEQUENCE}. */
    String identity() {
        return FileStatus.identityOfDisk(device.disk().number()) + "_" + sequence;
    }

    /** Opens it for nobody else to use; see {@link CardDevice#claim}. */
    OpenFile claim(boolean readOnly) throws IOException {
        return device.claim(readOnly, sequence);
    }

    OpenFile openForChange() throws IOException {
        return device.openForChange(sequence);
    }

    /** What to say when the card is not there any more; empty while it is. */
    Optional<Failure> absence() {
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

    /** Does something while nothing reaches the disk in which the card of that identity was, as another card may be in it by now. */
    static void whileOffline(String identity, ReaderState.Offline work) throws IOException {
        Optional<BlockDevice> disk = disk(identity);
        if (disk.isPresent()) {
            new ReaderState(disk.get().number()).whileOffline(work);
        } else {
            work.run();
        }
    }

    /** Whether an image of that identity is a card. */
    static boolean isCard(String identity) {
        return IDENTITY.matcher(identity).matches();
    }

    /** Whether the card of that identity is still in its reader, as far as can be told. */
    static boolean isPresent(String identity) {
        Matcher card = IDENTITY.matcher(identity);
        if (!card.matches()) {
            return true;
        }
        try {
            Optional<BlockDevice> disk = disk(card);
            return disk.isPresent() && disk.get().size() > 0 && disk.get().sequence() == Long.parseLong(card.group(3));
        } catch (IOException e) {
            // Not that it is gone, which would cost what was not written yet: somebody looks again.
            return true;
        }
    }
}
