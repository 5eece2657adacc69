package dev.tenon.samples.compress;

import dev.tenon.compression.compare.SideBySide;
import dev.tenon.samples.Arguments;
import dev.tenon.samples.Command;
import dev.tenon.samples.Usage;
import dev.tenon.samples.UsageException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** Shows the reports of two compressions side by side. */
public final class ReportsCommand implements Command {
    /** Makes the command. */
    public ReportsCommand() {}

    @Override
    public Usage usage() {
        return Usage.of("samples/run reports", "Shows the reports of two compressions side by side.")
                .arguments("A.json B.json", "reports that samples/run compress --json has written")
                .option("--html", "FILE", "writes both as a page")
                .example("samples/run reports int8.json auto.json --html both.html");
    }

    @Override
    public int run(List<String> args, PrintStream out) throws IOException {
        Arguments given = usage().parse(args);
        List<String> names = given.rest();
        if (names.size() != 2) {
            throw new UsageException("name two reports, not " + names);
        }
        SideBySide both = SideBySide.of(Path.of(names.get(0)), Path.of(names.get(1)));
        for (SideBySide.Row row : both.rows()) {
            if (row.isDifferent()) {
                out.println(row.name() + ": " + row.a() + " | " + row.b());
            }
        }
        given.path("--html").ifPresent(file -> {
            both.writeHtml(file);
            out.println("wrote " + file);
        });
        return 0;
    }
}
