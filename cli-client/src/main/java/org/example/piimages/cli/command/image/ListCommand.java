package org.example.piimages.cli.command.image;

import java.util.List;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.output.Details;
import org.example.piimages.cli.output.Output;
import org.example.piimages.cli.output.Table;
import org.example.piimages.cli.service.ImageEntry;
import org.example.piimages.cli.service.Session;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl list}. */
public final class ListCommand implements Subcommand {

    @Override
    public CommandSpec spec() {
        return Subcommand.describe(this, "list", "", "List mounted images");
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        List<ImageEntry> images = session.service().images();
        Output output = session.output();
        if (output.wantsJson()) {
            output.json(images.stream().map(ImageEntry::fields).toList());
            return ExitCode.OK;
        }
        Table table = new Table("IMAGE", "MOUNT POINT", "ACCESS", "OWNER");
        for (ImageEntry image : images) {
            table.add(image.file(), image.mountPoint(), Details.access(image.readOnly()), Long.toString(image.owner()));
        }
        output.table(table, Output.count(images.size(), "image", "mounted"));
        return ExitCode.OK;
    }
}
