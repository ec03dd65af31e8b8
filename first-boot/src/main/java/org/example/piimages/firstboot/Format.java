package org.example.piimages.firstboot;

import java.util.Set;

/** One way in which systems are told their settings before their first boot. */
interface Format {

    /** What people call it. */
    String title();

    /** What in the image shows that its system reads it, for people; null where it does not. */
    String evidence(ImageFiles image) throws FirstBootException;

    /** The file that shows that the image's first boot is over, so that settings would not be read any more; null where there is none. */
    default String whyUnread(ImageFiles image) throws FirstBootException {
        return null;
    }

    /** Raspberry Pi Imager's name of it (init_format in its lists); "none" where Imager does not know it. */
    default String imagerName(ImageFiles image) throws FirstBootException {
        return "none";
    }

    /** What it can say in that image. */
    Set<Setting> expressible(ImageFiles image) throws FirstBootException;

    /** What is set. */
    Settings read(ImageFiles image) throws FirstBootException;

    /**
     * Plans what sets it.
     *
     * @param asked what is to be set
     * @param all that, and what is set already
     */
    void write(ImageFiles image, Settings asked, Settings all, Edits edits) throws FirstBootException;

    /** Plans what removes all settings. */
    void reset(ImageFiles image, Edits edits) throws FirstBootException;
}
