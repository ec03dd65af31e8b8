package org.example.piimages.daemon.image.care.packing;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.example.piimages.daemon.image.disk.BlockMap;
import org.example.piimages.daemon.image.disk.ByteRange;

/**
 * Writes a block map in version 2.0 of the format of bmaptool(1): the blocks of an image that are to be written to a card, and their
 * checksums. The other blocks of the card keep their contents.
 */
final class BlockMapFile {

    private static final int SUM_DIGITS = 64;

    private BlockMapFile() {
    }

    /**
     * Returns the text of the file.
     *
     * @param size the size of the image, in bytes
     * @param mapped the ranges to write, in ascending order: whole blocks, except for the last block of the image
     * @param sums the SHA-256 checksums of the ranges
     */
    static String text(long size, List<ByteRange> mapped, List<String> sums) {
        // The file's own checksum is computed with zeros in its place.
        String draft = text(size, mapped, sums, "0".repeat(SUM_DIGITS));
        return text(size, mapped, sums, JavaChecksum.of(draft.getBytes(StandardCharsets.US_ASCII)));
    }

    private static String text(long size, List<ByteRange> mapped, List<String> sums, String ownSum) {
        StringBuilder text = new StringBuilder(256 + 100 * mapped.size());
        text.append("<?xml version=\"1.0\" ?>\n").append("<bmap version=\"2.0\">\n");
        field(text, "ImageSize", Long.toString(size));
        field(text, "BlockSize", Long.toString(BlockMap.BLOCK));
        field(text, "BlocksCount", Long.toString(block(size - 1) + 1));
        field(text, "MappedBlocksCount",
                Long.toString(mapped.stream().mapToLong(range -> block(range.end() - 1) + 1 - block(range.start())).sum()));
        field(text, "ChecksumType", "sha256");
        field(text, "BmapFileChecksum", ownSum);
        text.append("    <BlockMap>\n");
        for (int i = 0; i < mapped.size(); i++) {
            long first = block(mapped.get(i).start());
            long last = block(mapped.get(i).end() - 1);
            text.append("        <Range chksum=\"").append(sums.get(i)).append("\"> ").append(first)
                    .append(last == first ? "" : "-" + last).append(" </Range>\n");
        }
        return text.append("    </BlockMap>\n").append("</bmap>\n").toString();
    }

    private static void field(StringBuilder text, String name, String value) {
        text.append("    <").append(name).append("> ").append(value).append(" </").append(name).append(">\n");
    }

    /** The number of the block that contains a byte. */
    private static long block(long offset) {
        return Math.floorDiv(offset, BlockMap.BLOCK);
    }
}
