package org.example.piimages.daemon.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.attachment.AttachedVolume;
import org.example.piimages.daemon.image.file.ImageCard;
import org.example.piimages.daemon.image.mount.ImageRecord;
import org.example.piimages.daemon.linux.block.LoopDevice;
import org.example.piimages.daemon.linux.file.Event;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cards that were removed from their readers while in use. Their filesystems are not notified: their unwritten data would be written to
 * the next card in the reader.
 */
public final class RemovedCards {

    private static final Logger LOG = LoggerFactory.getLogger(RemovedCards.class);

    private final Images images;
    /** Cards that were cut off, as far as the kernel can do that. The identity of a card is never reused. */
    private final Set<String> tried = ConcurrentHashMap.newKeySet();

    public RemovedCards(Images images) {
        this.images = images;
    }

    /** Whether an image is a card. */
    public static boolean isCard(String image) {
        return ImageCard.isCard(image);
    }

    /** Returns the cards that are mounted, or were unmounted lazily and are still in use. */
    public Set<String> inUse() throws IOException {
        Set<String> cards = new LinkedHashSet<>();
        images.cards().forEach(record -> cards.add(record.id()));
        images.lazilyUnmountedCards().forEach(record -> cards.add(record.id()));
        return cards;
    }

    /** Returns the cards of a collection that are gone. */
    public static Set<String> removed(Collection<String> cards) {
        Set<String> removed = new LinkedHashSet<>(cards);
        removed.removeIf(ImageCard::isPresent);
        return removed;
    }

    /**
     * Cuts off the devices of a card that is gone, and unmounts it if it is mounted, even if it is in use. May block until the reader
     * reports that it contains no card.
     *
     * @return whether it was mounted
     */
    public boolean release(String card) throws IOException {
        Optional<ImageRecord> mounted = find(images.cards(), card);
        if (tried.contains(card)) {
            return mounted.isPresent() && unmount(mounted.get());
        }
        List<AttachedVolume> volumes = new ArrayList<>();
        mounted.ifPresent(record -> volumes.addAll(record.volumes()));
        find(images.lazilyUnmountedCards(), card).ifPresent(record -> volumes.addAll(record.volumes()));
        images.machineMounts().ofRunning(card).ifPresent(mounts -> volumes.addAll(mounts.volumes()));
        AtomicBoolean unmounted = new AtomicBoolean();
        ImageCard.whileOffline(card, () -> {
            detach(volumes, card);
            // Only now: a step that failed before is repeated on the next call, and only a card that is cut off is unmounted.
            tried.add(card);
            unmounted.set(mounted.isPresent() && unmount(mounted.get()));
        });
        return unmounted.get();
    }

    /** Releases the cards that were removed while no daemon was running; their readers may still be offline. */
    public void recover() throws IOException {
        for (String card : removed(inUse())) {
            try {
                release(card);
            } catch (IOException | Failure e) {
                LOG.warn("cannot take care of a card that was removed: {}", e.getMessage(), e);
            }
        }
    }

    private static Optional<ImageRecord> find(List<ImageRecord> records, String card) {
        return records.stream().filter(record -> record.id().equals(card)).findFirst();
    }

    private static void detach(List<AttachedVolume> volumes, String card) {
        for (String device : volumes.stream().filter(volume -> !volume.isBind()).map(AttachedVolume::device).distinct().toList()) {
            try {
                if (LoopDevice.isBackedBy(device, card)) {
                    LoopDevice.detachBackingFile(device, card);
                }
            } catch (IOException e) {
                LOG.warn("cannot cut off {} from a card that was removed: {}", device, e.getMessage());
            }
        }
    }

    private boolean unmount(ImageRecord record) throws IOException {
        try {
            images.unmount(record.id(), true);
            record.about(Event.repaired("removed"))
                    .log("{} was removed while it was mounted; it is unmounted now, and what was not written to it yet is lost",
                            record.title());
            return true;
        } catch (Failure failure) {
            if (failure.kind() != Failure.Kind.NOT_MOUNTED) {
                throw failure;
            }
            return false;
        }
    }
}
