package dev.tenon.samples.lessons.compression;

import dev.tenon.compression.Compression;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.quantize.Quantize;
import dev.tenon.samples.Usage;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The report: an object with all that was measured, JSON for programs, and one HTML page that needs neither a network nor scripts.
 * Layers that were left as they were have a reason there.
 */
public final class Lesson11Report implements EncoderLesson {
    private static final Pattern HEADING = Pattern.compile("<h2>([^<]*)</h2>");

    /** Makes the lesson. */
    public Lesson11Report() {}

    @Override
    public Usage usage() {
        return Usage.of("samples/run lesson-report", "A lesson: the report of a compression.")
                .exit(1, "a claim of the lesson was wrong")
                .example("samples/run lesson-report");
    }

    @Override
    public boolean run(CompressedEncoder encoder, PrintStream out) throws IOException {
        out.println("1. INT8 for all products but those of the last layer:");
        Compression result = encoder.compress(
                out, Quantize.int8().smooth(0.5).layers(LayerFilter.all().exclude(CompressedEncoder.LAST_PRODUCTS)));
        long kept =
                result.report().layers().stream().filter(layer -> layer.kept()).count();
        out.println("2. The page and the JSON:");
        Path page = Files.createTempFile("compression-report", ".html");
        try {
            result.report().writeHtml(page);
            String html = Files.readString(page);
            out.println("   " + html.length() + " characters; sections: " + sections(html));
            boolean right = CompressedEncoder.check(
                    out,
                    "the page shows ranges of activations, and layers that were left",
                    sections(html).containsAll(List.of("Ranges of activations", "Layers", "Left as it was")));
            right &= CompressedEncoder.check(out, "layers that were left are named", kept > 0);
            return right
                    && CompressedEncoder.check(
                            out, "JSON says the same", result.report().toJson().contains("\"kept\":true"));
        } finally {
            Files.delete(page);
        }
    }

    private static List<String> sections(String html) {
        return HEADING.matcher(html).results().map(match -> match.group(1)).toList();
    }
}
