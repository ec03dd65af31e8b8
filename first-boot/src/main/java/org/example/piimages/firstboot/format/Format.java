package org.example.piimages.firstboot.format;

import java.util.Set;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.file.Edits;
import org.example.piimages.firstboot.file.ImageFiles;
import org.example.piimages.firstboot.setting.Setting;
import org.example.piimages.firstboot.setting.Settings;

/** A format in which systems read settings at their first boot. */
public interface Format {

    /** Returns the name of the format, for users. */
    String title();

    /** Returns the evidence in the image that its system reads this format, for users; null if it does not. */
    String evidence(ImageFiles image) throws FirstBootException;

    /**
     * Returns the file that shows that the image's first boot is over, so that it would not read settings any more; null if there is
     * none.
     */
    default String firstBootMarker(ImageFiles image) throws FirstBootException {
        return null;
    }

    /** Returns Raspberry Pi Imager's name of the format (init_format in its lists); "none" if Imager does not support it. */
    default String imagerName(ImageFiles image) throws FirstBootException {
        return "none";
    }

    /** Returns the settings that can be expressed in that image. */
    Set<Setting> supportedSettings(ImageFiles image) throws FirstBootException;

    /** Returns the settings in the image. */
    Settings read(ImageFiles image) throws FirstBootException;

    /**
     * Plans the edits that write settings.
     *
     * @param requested the settings to write
     * @param all those, and the settings that are already in the image
     */
    void write(ImageFiles image, Settings requested, Settings all, Edits edits) throws FirstBootException;

    /** Plans the edits that remove all settings. */
    void reset(ImageFiles image, Edits edits) throws FirstBootException;
}
