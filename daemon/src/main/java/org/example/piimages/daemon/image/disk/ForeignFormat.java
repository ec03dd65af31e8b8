package org.example.piimages.daemon.image.disk;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** Formats of files that are mistaken for disk images, recognized so that users can be told how to get an image. */
public enum ForeignFormat {
    QCOW(0, "514649fb", "a virtual disk of QEMU (qcow2)", Hint.CONVERT),
    VMDK(0, "4b444d56", "a virtual disk of VMware (vmdk)", Hint.CONVERT),
    VDI(64, "7f10dabe", "a virtual disk of VirtualBox (vdi)", Hint.CONVERT),
    /** A dynamic one; a fixed one is an image, with a footer. */
    VHD(0, hex("conectix"), "a virtual disk of Hyper-V (vhd)", Hint.CONVERT),
    VHDX(0, hex("vhdxfile"), "a virtual disk of Hyper-V (vhdx)", Hint.CONVERT),
    ANDROID_SPARSE(0, "3aff26ed", "an Android sparse image, as for fastboot",
            "convert it first: simg2img FILE IMAGE (package android-sdk-libsparse-utils)"),
    ISO(0x8001, hex("CD001"), "an ISO 9660 image for CDs, DVDs and PCs", "download the image for the Raspberry Pi"),
    RAR(0, hex("Rar!"), "a rar archive", Hint.UNPACK),
    LZIP(0, hex("LZIP"), "compressed (lzip)", Hint.UNPACK),
    TAR(257, hex("ustar"), "a tar archive", "unpack it first: piimagesctl unpack"),
    GIT_LFS(0, hex("version https://git-lfs"), "a pointer to a file in Git LFS", "download it: git lfs pull"),
    GPT_ALONE(512, hex("EFI PART"), "a partition table (GPT) without the protective MBR in the first sector",
            "restore that, for example with the command w of gdisk"),
    HTML(0, hex("<!doctype "), "a web page", Hint.DOWNLOAD),
    HTML_WITHOUT_TYPE(0, hex("<html"), "a web page", Hint.DOWNLOAD),
    XML(0, hex("<?xml"), "an XML document", Hint.DOWNLOAD);

    /** What to do about several formats. */
    private static final class Hint {
        static final String CONVERT = "convert it first: qemu-img convert -O raw FILE IMAGE";
        static final String UNPACK = "unpack it first, with a tool for that format";
        static final String DOWNLOAD = "download the image again, and see what the server answers";
    }

    private final long offset;
    /** The hexadecimal digits of the bytes at the offset. */
    private final String magic;
    private final String title;
    private final String hint;

    ForeignFormat(long offset, String magic, String title, String hint) {
        this.offset = offset;
        this.magic = magic;
        this.title = title;
        this.hint = hint;
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** A phrase that continues "it is": what the file is, and what to do. */
    public String advice() {
        return title + "; " + hint;
    }

    /** Returns the format of the file, if it is a known one. Throws Failure as {@link ByteSource#read}. */
    public static Optional<ForeignFormat> of(ByteSource source) {
        return Arrays.stream(values()).filter(format -> format.isIn(source)).findFirst();
    }

    /** Whether the file has this format. Throws Failure as {@link ByteSource#read}. */
    public boolean isIn(ByteSource source) {
        byte[] expected = HexFormat.of().parseHex(magic);
        return source.size() - expected.length >= offset
                && matches(source.bytes(offset, expected.length), expected);
    }

    /** HTML may be written in upper case. */
    private boolean matches(byte[] bytes, byte[] expected) {
        return Arrays.equals(bytes, expected) || expected[0] == '<' && new String(bytes, StandardCharsets.US_ASCII)
                .equalsIgnoreCase(new String(expected, StandardCharsets.US_ASCII));
    }
}
